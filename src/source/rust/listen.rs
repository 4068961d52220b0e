//! Where a program listens: the calls that open a port, what their addresses come to, and which port is the main one.

use super::file::{Call, File};
use super::program::{Place, Program};
use super::value::{Evaluator, UNKNOWN, Value};
use crate::source::ports::{ASIDE, OTHERS, Role, words};

/// A call that opens a port.
#[derive(Debug, Clone)]
pub struct Opener {
    /// `TcpListener::bind`, `.bind` for a method of anything, `HttpServer.bind` for one of a chain that begins with a type.
    pub call: String,
    /// Which argument is the address, counted from 0.
    pub argument: usize,
    /// What listens.
    pub role: Role,
    /// The name of the framework in messages.
    pub name: String,
    /// The port where no address is given.
    pub port: Option<u16>,
    /// The variable that changes it then.
    pub variable: Option<String>,
}

/// A port that is opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What listens.
    pub role: Role,
    /// For metrics, health or administration.
    pub aside: bool,
    /// The address, as far as it is known.
    pub value: Option<Value>,
    /// It is the framework's own default, of this name.
    pub by_itself: Option<String>,
    /// Where.
    pub place: Place,
}

/// The main port of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The port; `None` where only a variable says.
    pub port: Option<u16>,
    /// The variable that changes it.
    pub variable: Option<String>,
    /// The variable that changes the host.
    pub host: Option<String>,
    /// One variable holds host and port.
    pub whole: bool,
    /// The flag that changes it.
    pub flag: Option<String>,
    /// The flag that changes the host, and whether it holds the port, too.
    pub host_flag: Option<(String, bool)>,
    /// The framework whose default it is.
    pub by_itself: Option<String>,
    /// Only this machine can reach it.
    pub loopback: bool,
    /// Where it stands.
    pub place: Place,
}

/// Everything that the program opens.
#[must_use]
pub fn opened(program: &Program, evaluator: &Evaluator<'_>, openers: &[Opener]) -> Vec<Opened> {
    let each = program.calls().filter_map(|(place, file, call)| {
        let opener = openers.iter().find(|opener| is_opener(file, &call, &opener.call))?;
        by_call(evaluator, place, file, &call, opener)
    });
    each.collect()
}

fn is_opener(file: &File, call: &Call<'_>, named: &str) -> bool {
    match chained(named) {
        Some((head, method)) => call.method && call.name == method && file.chain_head(call) == Some(head),
        None => is_called(call, named),
    }
}

/// The type and the method of a name like `HttpServer.bind`.
fn chained(named: &str) -> Option<(&str, &str)> {
    named.split_once('.').filter(|(head, _)| !head.is_empty())
}

/// Whether a call is the one that a table names: `Type::function`, `.method` or `macro!`.
#[must_use]
pub fn is_called(call: &Call<'_>, named: &str) -> bool {
    if let Some(method) = named.strip_prefix('.') {
        return call.method && call.name == method;
    }
    if let Some(name) = named.strip_suffix('!') {
        return call.is_macro && call.name == name;
    }
    match named.rsplit_once("::") {
        Some((base, name)) => call.name == name && !call.method && call.base() == base,
        None => call.name == named && !call.method && !call.is_macro,
    }
}

fn by_call(
    evaluator: &Evaluator<'_>,
    place: Place,
    file: &File,
    call: &Call<'_>,
    opener: &Opener,
) -> Option<Opened> {
    let address = call.args.get(opener.argument);
    let value = address.and_then(|address| evaluator.value(place, address));
    let own = opener
        .port
        .filter(|_| address.is_none())
        .map(|port| Value { variable: opener.variable.clone(), ..Value::known(port.to_string(), place) });
    let by_itself = own.is_some().then(|| opener.name.clone());
    let value = value.or(own);
    // Many things have a method of that name: its argument has to look like an address.
    let sure = by_itself.is_some() || chained(&opener.call).is_some();
    if call.method && !sure && !value.as_ref().is_some_and(is_address) {
        return None;
    }
    if value.as_ref().is_some_and(|value| value.port().is_none() && value.whole().is_some()) {
        return None;
    }
    let aside = is_aside(file, place, value.as_ref());
    Some(Opened { role: opener.role, aside, value, by_itself, place })
}

fn is_address(value: &Value) -> bool {
    let named = value.variable.as_ref().is_some_and(|name| {
        words(name)
            .iter()
            .any(|word| ["addr", "address", "host", "bind", "listen", "port"].contains(&word.as_str()))
    });
    let url = value.text.contains("://") || value.text.contains('/') || value.text.contains(' ');
    !url && (value.text.contains(':') && value.port().is_some() || named)
}

fn is_aside(file: &File, place: Place, value: Option<&Value>) -> bool {
    let mut around = words(file.function_at(place.at).map_or("", |one| one.name.as_str()));
    around.extend(words(file.path.file_stem().unwrap_or("")));
    let names = value.into_iter().flat_map(|value| [&value.flag, &value.variable]).flatten();
    around.extend(names.flat_map(|name| words(name)));
    let other = value.is_some_and(|value| {
        let name = value.variable.as_ref().map(|name| words(name)).unwrap_or_default();
        name.iter().any(|word| OTHERS.contains(&word.as_str()))
    });
    other || around.iter().any(|word| ASIDE.contains(&word.as_str()))
}

/// The main port, where the sources leave no doubt about it.
#[must_use]
pub fn main_port(opened: &[Opened]) -> Option<Port> {
    for aside in [false, true] {
        for role in [Role::Http, Role::Grpc, Role::Any, Role::Tls] {
            let of: Vec<&Opened> =
                opened.iter().filter(|one| one.role == role && one.aside == aside).collect();
            if let Some(port) = one_of(&of) {
                return Some(port);
            }
        }
        if opened.iter().any(|one| !one.aside && one.role != Role::Any) {
            return None;
        }
    }
    None
}

/// The port among the options and settings, by its name, where no call's address could be followed.
#[must_use]
pub fn by_name(program: &Program, evaluator: &Evaluator<'_>) -> Option<Port> {
    let own = ["port", "http", "server", "listen", "web", "api", "bind", "app", "rest"];
    let mut found: Vec<(Value, Place)> = Vec::new();
    for (place, file) in program.files() {
        for field in &file.fields {
            let names = words(&field.name);
            let foreign = |word: &String| {
                let one = word.trim_end_matches('s');
                OTHERS.contains(&word.as_str()) || OTHERS.contains(&one) || ASIDE.contains(&word.as_str())
            };
            let fits = names.iter().any(|word| word == "port")
                && names.iter().all(|word| own.contains(&word.as_str()));
            if !fits || words(&field.owner).iter().any(foreign) {
                continue;
            }
            let here = Place { at: field.at, ..place };
            let keys = [field.name.clone()];
            let value = evaluator.held(here, field, 0).or_else(|| evaluator.set_default(&keys, 0));
            found.extend(value.filter(|value| value.port().is_some()).map(|value| (value, here)));
        }
    }
    if found.is_empty() {
        let options = ["port", "http-port", "http_port", "listen-port", "server-port"];
        let value = options.iter().find_map(|name| evaluator.declared(name, 0));
        found.extend(value.filter(|value| value.port().is_some()).map(|value| {
            let place = value.place;
            (value, place)
        }));
    }
    let (first, place) = found.first()?;
    let same = found.iter().all(|(other, _)| other.port() == first.port());
    same.then(|| Port {
        port: first.port(),
        variable: first.variable.clone(),
        host: None,
        whole: false,
        flag: first.flag.clone(),
        host_flag: None,
        by_itself: None,
        loopback: false,
        place: *place,
    })
}

/// The one address of every interface that the program makes, where what it binds to could not be followed: nobody
/// connects to such an address.
#[must_use]
pub fn made(program: &Program, evaluator: &Evaluator<'_>, opened: &[Opened]) -> Option<Port> {
    let serves = opened.iter().any(|one| !one.aside && matches!(one.role, Role::Http | Role::Any));
    if !serves || opened.iter().any(|one| port_of(one).is_some()) {
        return None;
    }
    let makes = |call: &Call<'_>| {
        call.base().starts_with("SocketAddr") && !call.method && matches!(call.name, "new" | "from")
    };
    let made = program.calls().filter(|(_, _, call)| makes(call));
    let values = made.filter_map(|(place, _, call)| evaluator.called(place, &call));
    let everywhere = |text: &str| text.starts_with("0.0.0.0:") || text.starts_with("[::]:");
    let values: Vec<Value> =
        values.filter(|value| everywhere(&value.text) && value.port().is_some()).collect();
    let first = values.first()?;
    let value = values.iter().all(|one| one.port() == first.port()).then(|| first.clone());
    port_of(&Opened { role: Role::Http, aside: false, place: first.place, by_itself: None, value })
}

fn one_of(of: &[&Opened]) -> Option<Port> {
    let told: Vec<(Port, Place)> = of.iter().filter_map(|one| Some((port_of(one)?, one.place))).collect();
    let (first, _) = told.first()?;
    if told.iter().all(|one| one.0.port == first.port) {
        return told.iter().map(|one| &one.0).max_by_key(|port| port.variable.is_some()).cloned();
    }
    let set: Vec<&(Port, Place)> =
        told.iter().filter(|one| one.0.variable.is_some() || one.0.flag.is_some()).collect();
    if let [one, rest @ ..] = set.as_slice()
        && rest.iter().all(|other| other.0.port == one.0.port)
    {
        return Some(one.0.clone());
    }
    let main: Vec<&(Port, Place)> = told.iter().filter(|one| one.1.owner == 0 && one.1.file == 0).collect();
    match main.as_slice() {
        [one] => Some(one.0.clone()),
        _ => None,
    }
}

fn port_of(opened: &Opened) -> Option<Port> {
    let value = opened.value.as_ref()?;
    let port = value.port();
    let only_asked = value.text.trim_end_matches(UNKNOWN).ends_with(':') || value.text == UNKNOWN.to_string();
    if port.is_none() && (value.variable.is_none() || !only_asked) {
        return None;
    }
    // What is bound to as it is has to be a whole address, whether the sources say a default or not.
    let asked_whole = port.is_none() && value.text == UNKNOWN.to_string() && value.flag.is_none();
    let address = value.text.contains(':') && !value.text.contains(UNKNOWN) || asked_whole;
    Some(Port {
        port,
        variable: value.variable.clone(),
        host: value.host.clone(),
        whole: address && value.variable.is_some() && !value.split_host(),
        flag: value.flag.clone(),
        host_flag: match (&value.host_flag, &value.flag) {
            (Some(host), _) => Some((host.clone(), false)),
            (None, Some(flag)) if address && !value.split_host() => Some((flag.clone(), true)),
            _ => None,
        },
        by_itself: opened.by_itself.clone(),
        loopback: ["127.0.0.1:", "localhost:", "[::1]:", "::1:"]
            .iter()
            .any(|host| value.text.starts_with(host)),
        place: value.place,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::cfg::Build;
    use super::super::program::Crate;
    use super::*;

    pub(in crate::source::rust) fn program(text: &str) -> Program {
        let file = File::read("src/main.rs".into(), text, &Build::default());
        Program::new(vec![Crate { dir: "".into(), files: vec![file] }])
    }

    fn port(text: &str) -> Option<(Option<u16>, Option<String>, bool)> {
        let program = program(text);
        let settings = |_: &[String]| None;
        let evaluator = Evaluator::new(&program, &settings);
        let openers: Vec<Opener> = ["TcpListener::bind", ".bind", ".run", ".serve", "Server::bind"]
            .iter()
            .map(|call| Opener {
                call: (*call).to_owned(),
                argument: 0,
                role: Role::Http,
                name: "x".into(),
                port: None,
                variable: None,
            })
            .collect();
        let port = main_port(&opened(&program, &evaluator, &openers))?;
        Some((port.port, port.variable, port.loopback))
    }

    #[test]
    fn the_flag_of_a_whole_address_and_of_a_host() {
        let flag = |fields: &str, bound: &str| {
            let program = program(&format!(
                "#[derive(Parser)] struct Args {{ {fields} }} fn main() {{ let args = Args::parse(); TcpListener::bind({bound}); }}"
            ));
            let evaluator = Evaluator::new(&program, &|_: &[String]| None);
            let opener = Opener {
                call: "TcpListener::bind".into(),
                argument: 0,
                role: Role::Any,
                name: "x".into(),
                port: None,
                variable: None,
            };
            let port = main_port(&opened(&program, &evaluator, &[opener])).unwrap();
            (port.port, port.loopback, port.host_flag)
        };
        let whole = "#[arg(long, default_value = \"127.0.0.1:3000\")] listen: SocketAddr";
        assert_eq!(flag(whole, "args.listen"), (Some(3000), true, Some(("listen".to_owned(), true))));
        let parts = "#[arg(long, default_value = \"127.0.0.1\")] host: String, #[arg(long, default_value_t = 3000)] port: u16";
        let joined = flag(parts, "format!(\"{}:{}\", args.host, args.port)");
        assert_eq!(joined, (Some(3000), true, Some(("host".to_owned(), false))));
        let tuple = flag(parts, "(args.host.as_str(), args.port)");
        assert_eq!(tuple, (Some(3000), true, Some(("host".to_owned(), false))));
        let fixed = "#[arg(long, default_value_t = 3000)] port: u16";
        assert_eq!(flag(fixed, "(\"127.0.0.1\", args.port)"), (Some(3000), true, None));
    }

    #[test]
    fn defaults_of_argh_are_expressions() {
        let of = |attribute: &str| {
            port(&format!(
                "struct Args {{ #[argh({attribute})] addr: SocketAddr }} fn main() {{ let args: Args = argh::from_env(); HttpServer::new(x).bind(args.addr); }}"
            ))
        };
        let local =
            "positional, default = \"SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1)), 8820)\"";
        assert_eq!(of(local), Some((Some(8820), None, true)));
        let text = "option, default = \"String::from(\\\"0.0.0.0:8821\\\")\"";
        assert_eq!(of(text), Some((Some(8821), None, false)));
        assert_eq!(of("option, default = \"own()\""), None);
    }

    #[test]
    fn an_address_of_every_interface_is_the_port_where_the_bound_one_is_not_followed() {
        let port = |text: &str| {
            let program = program(text);
            let evaluator = Evaluator::new(&program, &|_: &[String]| None);
            let call = "TcpListener::bind".to_owned();
            let opener =
                Opener { call, argument: 0, role: Role::Any, name: "x".into(), port: None, variable: None };
            made(&program, &evaluator, &opened(&program, &evaluator, &[opener]))?.port
        };
        let types = "enum T { Tcp(SocketAddr), Unix(P) } fn t() -> T { match (a(), b()) { (Ok(v), _) => T::Tcp(v.parse()), (_, Ok(p)) => T::Unix(p), _ => { let addr = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 8088); T::Tcp(addr) } } }";
        let main =
            "fn main() { match t() { T::Tcp(addr) => { TcpListener::bind(addr).await } T::Unix(p) => {} } }";
        assert_eq!(port(&format!("{types} {main}")), Some(8088));
        let second =
            "fn s() { c(SocketAddr::from(([0, 0, 0, 0], 9)), SocketAddr::from(([127, 0, 0, 1], 7))) }";
        assert_eq!(port(&format!("{types} {main} {second}")), None);
        assert_eq!(port(&types.replace("UNSPECIFIED", "LOCALHOST")), None);
        assert_eq!(port("fn main() { TcpListener::bind(x()) }"), None);
    }

    fn is(text: &str, number: u16, variable: Option<&str>) {
        assert_eq!(port(text), Some((Some(number), variable.map(str::to_owned), false)), "{text}");
    }

    #[test]
    fn addresses_as_they_are_written() {
        is(
            "fn main() { let l = tokio::net::TcpListener::bind(\"0.0.0.0:3000\").await.unwrap(); }",
            3000,
            None,
        );
        is(
            "fn main() { let addr = SocketAddr::from(([0, 0, 0, 0], 3001)); axum::Server::bind(&addr).serve(x); }",
            3001,
            None,
        );
        is("fn main() { HttpServer::new(|| App::new()).bind((\"0.0.0.0\", 8080))?.run().await }", 8080, None);
        is(
            "const PORT: u16 = 4_000; fn main() { TcpListener::bind(format!(\"0.0.0.0:{PORT}\")); }",
            4000,
            None,
        );
        is("fn main() { warp::serve(r).run(([0, 0, 0, 0], 3030)).await; }", 3030, None);
        is(
            "fn main() { let addr: SocketAddr = \"[::]:50051\".parse()?; Server::builder().add_service(s).serve(addr); }",
            50051,
            None,
        );
        is(
            "fn main() { let a = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 81); TcpListener::bind(a); }",
            81,
            None,
        );
        assert_eq!(
            port("fn main() { TcpListener::bind(\"127.0.0.1:3000\"); }"),
            Some((Some(3000), None, true))
        );
    }

    #[test]
    fn ports_of_the_environment() {
        let asked = Some("PORT");
        is(
            "fn main() { let port = env::var(\"PORT\").unwrap_or_else(|_| \"3000\".to_string()); TcpListener::bind(format!(\"0.0.0.0:{}\", port)); }",
            3000,
            asked,
        );
        is(
            "fn main() { let port: u16 = std::env::var(\"PORT\").ok().and_then(|p| p.parse().ok()).unwrap_or(8081); TcpListener::bind((\"0.0.0.0\", port)); }",
            8081,
            asked,
        );
        is(
            "fn main() { let port = match env::var(\"PORT\") { Ok(p) => p.parse().unwrap(), Err(_) => 8082 }; TcpListener::bind((host, port)); }",
            8082,
            asked,
        );
        is(
            "fn main() { let port = if let Ok(p) = env::var(\"PORT\") { p.parse().unwrap() } else { 8083 }; TcpListener::bind((host, port)); }",
            8083,
            asked,
        );
        is(
            "fn or(key: &str, default: &str) -> String { env::var(key).unwrap_or(default.into()) } fn main() { TcpListener::bind(format!(\"0.0.0.0:{}\", or(\"PORT\", \"8084\"))); }",
            8084,
            asked,
        );
        assert_eq!(
            port(
                "fn main() { let port = env::var(\"PORT\").expect(\"PORT\"); TcpListener::bind(format!(\"0.0.0.0:{port}\")); }"
            ),
            Some((None, Some("PORT".into()), false))
        );
    }

    #[test]
    fn ports_of_options_and_settings() {
        is(
            "#[derive(Parser)] struct Args { #[arg(long, env = \"APP_PORT\", default_value_t = 9000)] port: u16 } fn main() { let args = Args::parse(); TcpListener::bind((\"0.0.0.0\", args.port)); }",
            9000,
            Some("APP_PORT"),
        );
        is(
            "struct Config { #[serde(default = \"port\")] port: u16 } fn port() -> u16 { 9001 } fn run(config: &Config) { TcpListener::bind(format!(\"{}:{}\", config.host, config.port)); }",
            9001,
            None,
        );
        is(
            "struct Config { addr: String } impl Config { fn from_env() -> Self { Self { addr: env::var(\"ADDR\").unwrap_or(\"0.0.0.0:9002\".into()) } } } fn main() { let c = Config::from_env(); TcpListener::bind(&c.addr); }",
            9002,
            Some("ADDR"),
        );
        is(
            "struct S { http: H } struct H { port: u16, host: String } impl Default for H { fn default() -> Self { H { port: 9003, host: x } } } impl H { fn address(&self) -> String { format!(\"{}:{}\", self.host, self.port) } } fn main() { let s = S::load(); TcpListener::bind(s.http.address()); }",
            9003,
            None,
        );
        is(
            "fn main() { let m = Command::new(\"x\").arg(Arg::new(\"port\").default_value(\"9004\").env(\"P_O\")).get_matches(); let port = m.get_one::<u16>(\"port\").unwrap(); TcpListener::bind((h, *port)); }",
            9004,
            Some("P_O"),
        );
        is(
            "static C: LazyLock<Config> = LazyLock::new(Config::load); struct Config { #[arg(default_value = \"9005\")] port: u16 } async fn serve(addr: SocketAddr) { TcpListener::bind(addr); } fn main() { serve(SocketAddr::from(([0, 0, 0, 0], C.port))); }",
            9005,
            None,
        );
    }

    #[test]
    fn what_only_looks_like_one() {
        assert_eq!(port("fn main() { sqlx::query(\"x\").bind(id).bind(5); }"), None);
        assert_eq!(port("fn main() { TcpListener::bind(\"127.0.0.1:0\"); }"), None);
        is(
            "fn metrics() { TcpListener::bind(\"0.0.0.0:9090\"); } fn main() { TcpListener::bind(\"0.0.0.0:80\"); }",
            80,
            None,
        );
    }
}
