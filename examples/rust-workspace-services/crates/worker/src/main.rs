//! Logs the water each minute, until it is told to stop.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

fn main() {
    let (send, receive) = mpsc::channel();
    ctrlc::set_handler(move || {
        let _ = send.send(());
    })
    .expect("no other handler is set");
    let began = Instant::now();
    loop {
        println!("{:.2} m", tides::height(began.elapsed().as_secs_f64() / 3600.0));
        if receive.recv_timeout(Duration::from_secs(60)) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
