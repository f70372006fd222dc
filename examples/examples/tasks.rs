//! 100,000 small tasks on tokio, in boxes and in pools: what a pool saves of time, page faults and memory.
//!
//! Where are futures boxed? Not at `await`: a future that another awaits lies within it. They are boxed where types must be
//! forgotten: in a list of futures of several kinds, and in a trait's method that returns `Pin<Box<dyn Future>>`, on each call.
//! Both are here: each worker keeps a list of its requests, and each request calls such a method a few times. What
//! `tokio::spawn` allocates for itself is tokio's affair (a cell with the future in it, on the global allocator): no typed
//! pool replaces that, `SydraPool` as global allocator would. So there are few spawns here, and many futures in them.
//!
//! Ways to pool a future: `PoolFuture::new(..)` for any (its type has no name to derive on); `PoolBox::future(..)` where an
//! interface wants a trait object, `Pin<PoolBox<dyn Future>>`; `PoolBox::pin(..)` for a struct with `#[derive(Pooled)]`, which then has
//! a pool and figures of its own.
//!
//! Each way runs in a process of its own, as memory that one has got would be there for the other.

use std::future::Future;
use std::pin::Pin;
use std::process::{Command, ExitCode};
use std::task::{Context, Poll};
use std::time::Instant;
use std::{env, fs};

use sydra_pool::{PoolBox, PoolFuture, Pooled};

const WORKERS: u64 = 4;
/// Calls that a request makes, one after the other.
const CALLS: u64 = 4;
/// Runs of each way, by turns.
const RUNS: usize = 3;

/// Where futures live.
trait Place: 'static {
    /// A future whose type is forgotten.
    type Answer: Future<Output = u64> + Send + Unpin + 'static;
    /// The end of a request, a future with a name.
    type Tail: Future<Output = ()> + Send + Unpin + 'static;
    fn answer(future: impl Future<Output = u64> + Send + 'static) -> Self::Answer;
    fn tail(future: Pause) -> Self::Tail;
}

struct InBoxes;

impl Place for InBoxes {
    type Answer = Pin<Box<dyn Future<Output = u64> + Send>>;
    type Tail = Pin<Box<Pause>>;
    fn answer(future: impl Future<Output = u64> + Send + 'static) -> Self::Answer {
        Box::pin(future)
    }
    fn tail(future: Pause) -> Self::Tail {
        Box::pin(future)
    }
}

struct InPools;

impl Place for InPools {
    type Answer = PoolFuture<'static, u64>;
    type Tail = Pin<PoolBox<Pause>>;
    fn answer(future: impl Future<Output = u64> + Send + 'static) -> Self::Answer {
        PoolFuture::new(future)
    }
    fn tail(future: Pause) -> Self::Tail {
        PoolBox::pin(future)
    }
}

/// Lets others run as many times: a future with a name, so with a pool of its own.
#[derive(Pooled)]
struct Pause {
    left: u32,
}

impl Future for Pause {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A number that depends on the key.
fn value(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40
}

/// What an `async` method of a trait object is: a future made for each call.
trait Store<P: Place>: Send + Sync {
    fn get(&self, key: u64) -> P::Answer;
}

struct Numbers;

impl<P: Place> Store<P> for Numbers {
    fn get(&self, key: u64) -> P::Answer {
        P::answer(async move {
            Pause { left: 1 }.await;
            value(key)
        })
    }
}

async fn request<P: Place>(store: &'static dyn Store<P>, id: u64) -> u64 {
    let mut sum = 0;
    for call in 0..CALLS {
        sum += store.get(id * CALLS + call).await;
    }
    P::tail(Pause { left: 1 }).await;
    sum
}

/// All of a list, together.
struct All<F> {
    list: Vec<Option<F>>,
    left: usize,
    sum: u64,
}

impl<F: Future<Output = u64> + Unpin> Future for All<F> {
    type Output = u64;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let this = &mut *self;
        for place in &mut this.list {
            let Some(future) = place else { continue };
            if let Poll::Ready(value) = Pin::new(future).poll(context) {
                // Its memory is free at once, for the next.
                *place = None;
                this.sum += value;
                this.left -= 1;
            }
        }
        if this.left == 0 {
            Poll::Ready(this.sum)
        } else {
            Poll::Pending
        }
    }
}

/// All tasks, each worker's at once; returns the sum of what they found.
fn run<P: Place>(tasks: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("threads for the runtime");
    runtime.block_on(async {
        let workers = (0..WORKERS).map(|worker| {
            tokio::spawn(async move {
                let ids = (0..tasks).filter(|id| id % WORKERS == worker);
                let list = ids.map(|id| Some(P::answer(request::<P>(&Numbers, id))));
                let list: Vec<_> = list.collect();
                let left = list.len();
                All { list, left, sum: 0 }.await
            })
        });
        let workers: Vec<_> = workers.collect();
        let mut sum = 0;
        for worker in workers {
            sum += worker.await.expect("no worker panics");
        }
        sum
    })
}

/// Minor page faults of this process, and the most memory it had, in KiB; zeros where the system does not tell.
fn memory() -> (u64, u64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The fields behind the name, which is in parentheses; the tenth of all counts the faults.
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let faults = fields.split(' ').nth(7).and_then(|text| text.parse().ok());
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let peak = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    (faults.unwrap_or(0), peak.unwrap_or(0))
}

/// The body of a child: one way. Prints its figures in one line, and the pools' after it.
fn child(way: &str, tasks: u64) -> ExitCode {
    let (faults, _) = memory();
    let start = Instant::now();
    let sum = match way {
        "boxes" => run::<InBoxes>(tasks),
        _ => run::<InPools>(tasks),
    };
    let micros = start.elapsed().as_micros();
    let (after, peak) = memory();
    println!("{micros} {} {peak} {sum}", after - faults);
    if way == "pools" {
        println!("{}", sydra_pool::snapshot());
    }
    ExitCode::SUCCESS
}

/// What a child said: its figures, and the rest.
fn ask(way: &str, tasks: u64) -> Result<(Vec<u64>, String), Box<dyn std::error::Error>> {
    let output = Command::new(env::current_exe()?)
        .args([tasks.to_string().as_str(), way])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let (figures, rest) = text.split_once('\n').ok_or("a child said nothing")?;
    let figures: Result<Vec<u64>, _> = figures.split(' ').map(str::parse).collect();
    Ok((figures?, rest.to_string()))
}

fn compare(tasks: u64) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let expected: u64 = (0..tasks * CALLS).map(value).sum();
    println!("{tasks} tasks, {CALLS} calls each, {WORKERS} workers on 2 threads\n");
    println!("             ms   minor faults   peak MiB");
    let mut best = [u64::MAX; 2];
    let mut last = String::new();
    for _ in 0..RUNS {
        for (way, best) in ["boxes", "pools"].into_iter().zip(&mut best) {
            let (figures, rest) = ask(way, tasks)?;
            let [micros, faults, peak, sum] = figures[..] else {
                return Err("a child said something else".into());
            };
            if sum != expected {
                eprintln!("tasks: {way}: the sum is {sum}, not {expected}");
                return Ok(ExitCode::FAILURE);
            }
            let (ms, mib) = (micros as f64 / 1e3, peak as f64 / 1024.0);
            println!("{way:8} {ms:>7.1} {faults:>14} {mib:>10.1}");
            *best = micros.min(*best);
            last = rest;
        }
    }
    println!(
        "\npools / boxes, best of {RUNS}: {:.2}\n",
        best[1] as f64 / best[0] as f64
    );
    println!(
        "all sums equal; the pools of the last run, after it:\n\n{}",
        last.trim_end()
    );
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let tasks = match arguments.next().map(|text| text.parse()) {
        None => 100_000,
        Some(Ok(tasks)) => tasks,
        Some(Err(error)) => {
            eprintln!("tasks: how many: {error}");
            return ExitCode::from(2);
        }
    };
    if let Some(way) = arguments.next() {
        return child(&way, tasks);
    }
    compare(tasks).unwrap_or_else(|error| {
        eprintln!("tasks: {error}");
        ExitCode::from(2)
    })
}
