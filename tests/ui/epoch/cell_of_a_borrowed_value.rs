use sydra_pool::Pooled;
use sydra_pool::epoch::EpochCell;

#[derive(Pooled)]
struct View<'a>(&'a str);

fn main() {
    let text = String::from("short-lived");
    let cell = EpochCell::new(View(&text));
    drop(text);
    drop(cell);
}
