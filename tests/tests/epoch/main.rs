//! Epochs: nothing that is retired is lost, dropped twice or dropped too early, whatever its drop does,
//! whoever comes and goes, and whoever stands in the way.

mod losing;
mod readers;
mod drops;
mod within;
mod shapes;
mod cap;
mod ends;
mod forks;
mod atomics;
mod cells;
mod lines;
mod histories;
mod idle;
mod skip_list;
mod again;
