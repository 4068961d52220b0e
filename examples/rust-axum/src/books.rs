//! The books and the file that keeps them.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tokio::fs;
use tokio::sync::Mutex;

/// A book on the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    pub title: String,
    pub author: String,
    #[serde(default)]
    pub read: bool,
}

/// The list, in memory and on disk.
pub struct Books {
    file: PathBuf,
    all: Mutex<Vec<Book>>,
}

impl Books {
    /// Reads the list from a folder, which is made where it is not there.
    pub async fn open(folder: &str) -> io::Result<Self> {
        fs::create_dir_all(folder).await?;
        let file = PathBuf::from(folder).join("books.json");
        let all = match fs::read_to_string(&file).await {
            Ok(text) => serde_json::from_str(&text)?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { file, all: Mutex::new(all) })
    }

    /// Every book, those to be read first.
    pub async fn all(&self) -> Vec<Book> {
        let mut books = self.all.lock().await.clone();
        books.sort_by_key(|book| (book.read, book.title.clone()));
        books
    }

    /// Adds a book, or replaces the one of the same title.
    pub async fn put(&self, book: Book) -> io::Result<()> {
        let mut books = self.all.lock().await;
        books.retain(|known| known.title != book.title);
        books.push(book);
        fs::write(&self.file, serde_json::to_string_pretty(&*books)?).await
    }
}
