//! Tells how high the water stands.

use tiny_http::{Response, Server};

fn main() {
    let server = Server::http("0.0.0.0:8080").expect("the port is free");
    for request in server.incoming_requests() {
        let hours = request.url().rsplit_once("hours=").and_then(|(_, hours)| hours.parse().ok());
        let answer = match hours {
            Some(hours) => Response::from_string(format!("{{\"metres\":{:.2}}}", tides::height(hours))),
            None => Response::from_string("hours is no number").with_status_code(400),
        };
        if let Err(error) = request.respond(answer) {
            eprintln!("{error}");
        }
    }
}
