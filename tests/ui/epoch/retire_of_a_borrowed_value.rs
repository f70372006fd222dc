use sydra_pool::{PoolBox, Pooled, epoch};

#[derive(Pooled)]
struct View<'a>(&'a str);

fn main() {
    let text = String::from("short-lived");
    PoolBox::retire(PoolBox::new(View(&text)), &epoch::pin());
}
