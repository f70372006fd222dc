use sydra_pool::{PoolArc, Pooled};

#[derive(Pooled)]
struct Line<'t>(&'t str);

fn main() {
    let line = {
        let text = String::from("gone");
        PoolArc::new(Line(&text))
    };
    println!("{}", line.0);
}
