use sydra_pool::{Pooled, register};

#[derive(Pooled)]
struct Order(u8);

fn main() {
    register!();
    register!(Order, 5);
    register!(Order Order);
    let () = register![Order, "Order"];
}
