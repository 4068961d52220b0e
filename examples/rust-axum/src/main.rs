//! A reading list: books by title, kept in a file.

mod books;
mod pages;

use std::env;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::books::Books;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = env::var("PORT").ok().and_then(|port| port.parse::<u16>().ok()).unwrap_or(3000);
    let folder = env::var("DATA_DIR").unwrap_or_else(|_| "data".to_owned());
    let books = Arc::new(Books::open(&folder).await?);

    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, pages::router(books)).with_graceful_shutdown(terminated()).await
}

/// Ends with the signal that a container is stopped with, and with Ctrl-C.
async fn terminated() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
