//! Counts what is posted: `curl -X POST localhost:8090/coffee`.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use store::Store;
use tiny_http::{Method, Request, Response, Server};

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let database = env::var("DATABASE").unwrap_or_else(|_| store::DATABASE.to_owned());
    let store = Store::open(&PathBuf::from(database))?;
    let address = env::var("LISTEN").unwrap_or_else(|_| "0.0.0.0:8090".to_owned());
    let server = Server::http(&address)?;
    println!("listening on {address}");
    for request in server.incoming_requests() {
        let (status, body) = answer(&store, &request);
        request.respond(Response::from_string(body).with_status_code(status))?;
    }
    Ok(())
}

fn answer(store: &Store, request: &Request) -> (u16, String) {
    let name = request.url().trim_matches('/');
    let done = match request.method() {
        Method::Get if name.is_empty() => store.all().map(|all| listed(&all)),
        Method::Post if !name.is_empty() => store.add(name).map(|count| format!("{count}\n")),
        _ => return (404, "post a name to count it\n".to_owned()),
    };
    match done {
        Ok(body) => (200, body),
        Err(error) => (500, format!("{error}\n")),
    }
}

fn listed(all: &[(String, u32)]) -> String {
    if all.is_empty() {
        return "nothing is counted yet\n".to_owned();
    }
    all.iter().map(|(name, count)| format!("{count:>6}  {name}\n")).collect()
}
