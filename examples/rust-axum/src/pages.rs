//! The page, and the list as JSON.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::get;
use axum::{Json, Router};

use crate::books::{Book, Books};

const PAGE: &str = include_str!("page.html");

pub fn router(books: Arc<Books>) -> Router {
    Router::new()
        .route("/", get(page).post(add))
        .route("/books", get(list).put(put))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(books)
}

async fn page(State(books): State<Arc<Books>>) -> Html<String> {
    let mut items = String::new();
    for book in books.all().await {
        let class = if book.read { " class=\"read\"" } else { "" };
        let _ = writeln!(items, "<li{class}>{}, {}</li>", escaped(&book.title), escaped(&book.author));
    }
    Html(PAGE.replace("<!-- books -->", &items))
}

async fn add(State(books): State<Arc<Books>>, Form(book): Form<Book>) -> Result<Redirect, StatusCode> {
    books.put(book).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Redirect::to("/"))
}

async fn list(State(books): State<Arc<Books>>) -> Json<Vec<Book>> {
    Json(books.all().await)
}

async fn put(State(books): State<Arc<Books>>, Json(book): Json<Book>) -> Result<StatusCode, StatusCode> {
    books.put(book).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::NO_CONTENT)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
