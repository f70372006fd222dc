use sydra_pool::{Pooled, register};

#[derive(Pooled)]
#[pooled(instances(Listed<u8>))]
struct Listed<T>(T);

struct Plain(u8);

fn main() {
    register!(Listed<u8>, Listed<u16>);
    register!(Plain);
    drop((Plain(1), Listed(1)));
}
