//! Prints the tallies as CSV.

use std::env;
use std::path::PathBuf;

use store::Store;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = env::args().nth(1).map_or_else(|| PathBuf::from(store::DATABASE), PathBuf::from);
    println!("name,count");
    for (name, count) in Store::open(&path)?.all()? {
        println!("{name},{count}");
    }
    Ok(())
}
