// Lifetimes are `'static` in statics and free in the implementation.
#[derive(Pooled)]
struct View<'a, 'b: 'a>(&'a str, &'b str)
where
    'b: 'a;
