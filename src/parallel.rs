//! Work that is the same for many files, done on all cores, its results in the order of the files: what comes out is
//! the same on every machine.

/// Below this many items the work is done before the threads are.
const WORTH: usize = 32;

/// Maps every item, in order.
pub fn map<I: Sync, T: Send>(items: &[I], one: impl Fn(&I) -> T + Sync) -> Vec<T> {
    // Asking for the number of cores reads files of the system: not for a handful of items.
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if items.len() < WORTH { 1 } else { cores().min(8) };
    if workers == 1 {
        return items.iter().map(one).collect();
    }
    let one = &one;
    std::thread::scope(|scope| {
        let mut chunks = items.chunks(items.len().div_ceil(workers));
        let own = chunks.next().unwrap_or_default();
        let tasks: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(one).collect::<Vec<T>>())).collect();
        let mut mapped: Vec<T> = own.iter().map(one).collect();
        for task in tasks {
            match task.join() {
                Ok(part) => mapped.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        mapped
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn keeps_the_order() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(super::map(&items, |item| item * 2), (0..2000).step_by(2).collect::<Vec<_>>());
        assert_eq!(super::map(&items[..3], |item| item + 1), [1, 2, 3]);
    }
}
