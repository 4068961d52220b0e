//! Where a program listens. Only a call that listens, an option, a setting or a constant of that name says a port; one
//! that stands beside a user and a password is another program's.

use std::collections::BTreeMap;

use super::constants::{is_own_port, is_port_name};
use super::expr::{self, Expr, Shape};
use super::names::Names;
use super::worth::{Worth, Worths, default_of, is_variable, variable_of, worth};
use super::{Constant, EnvRead, Listen, Sure};

/// The ports of a file: the surest first, then in order.
pub(super) fn listens(names: &Names<'_, '_>, constants: &BTreeMap<String, Constant>) -> Vec<Listen> {
    let mut scan = Scan { names, found: Vec::new() };
    for at in 0..names.tokens.len() {
        scan.token(at);
    }
    scan.export();
    let settings: Vec<_> = names.settings.get("port").into_iter().collect();
    for value in settings {
        scan.push(Sure::Setting, "set", value, None, value.at);
    }
    let mut found = scan.found;
    found.extend(named_ports(constants));
    found.sort_by_key(|listen| (listen.sure, listen.line));
    found.dedup_by(|next, first| {
        (next.sure, next.line, next.port, &next.variable)
            == (first.sure, first.line, first.port, &first.variable)
    });
    found
}

/// The constants that are called the program's own port.
pub(super) fn named_ports(constants: &BTreeMap<String, Constant>) -> Vec<Listen> {
    let own = constants.iter().filter(|(name, _)| is_own_port(name, constants));
    own.filter_map(|(name, constant)| named(name, constant)).collect()
}

/// Variables that are the program's own port by their names.
const OWN: [&str; 4] = ["PORT", "HTTP_PORT", "APP_PORT", "SERVER_PORT"];

/// Variables called the program's own port that are read with a fallback, wherever the value goes from there.
pub(super) fn by_environment(reads: &[EnvRead], known: &[Listen]) -> Vec<Listen> {
    let own = reads.iter().filter(|read| OWN.contains(&read.name.as_str()));
    let new = own.filter(|read| !known.iter().any(|listen| listen.variable.as_ref() == Some(&read.name)));
    let listen = |read: &EnvRead| {
        let port = read.fallback.as_deref()?.trim().parse().ok().filter(|port: &u16| *port > 0)?;
        Some(Listen {
            port: Some(port),
            must_set: false,
            variable: Some(read.name.clone()),
            host: None,
            host_variable: None,
            call: read.name.clone(),
            from: None,
            refers: None,
            line: read.line,
            sure: Sure::Named,
        })
    };
    new.filter_map(listen).collect()
}

fn named(name: &str, constant: &Constant) -> Option<Listen> {
    let worth =
        Worth { text: constant.text.clone(), variable: constant.variable.clone(), ..Worth::default() };
    let port = worth.port();
    let plausible = port.is_some() || worth.variable.as_deref().is_some_and(is_port_name);
    plausible.then(|| Listen {
        port,
        must_set: port.is_none() && worth.variable.is_some(),
        variable: worth.variable,
        host: None,
        host_variable: None,
        call: name.to_owned(),
        from: None,
        refers: constant.refers.clone(),
        line: constant.line,
        sure: Sure::Named,
    })
}

struct Scan<'n, 't, 'a> {
    names: &'n Names<'t, 'a>,
    found: Vec<Listen>,
}

impl<'a> Scan<'_, '_, 'a> {
    fn token(&mut self, at: usize) {
        let tokens = self.names.tokens;
        let Some(name) = tokens.name(at) else {
            return;
        };
        match name {
            "function" | "class" => {}
            _ if at > 0 && tokens.is(at - 1, "function") => {}
            "Option" if at > 0 && tokens.is(at - 1, "new") => self.option_chain(at),
            _ if tokens.is(at + 1, "(") => self.call(name, at),
            "listen" if tokens.is(at + 1, ":") && tokens.is(at + 2, "{") => self.listen_property(at),
            _ if tokens.is(at + 1, ":") => self.key(name, at),
            _ => {}
        }
    }

    fn call(&mut self, name: &str, at: usize) {
        match name {
            "listen" => self.listen(at),
            "bindAsync" => self.address(at),
            "option" | "default" => self.option(at),
            "serve" | "server" => self.server(at, true),
            _ if is_server(name) => self.server(at, false),
            _ => {}
        }
    }

    fn args(&self, name: usize) -> Vec<Expr<'a>> {
        expr::parse_args(self.names.tokens, name + 1)
    }

    fn find(&self, object: &Expr<'a>, key: &str) -> Option<Expr<'a>> {
        Worths::new(self.names).find(object, key, 0)
    }

    /// `app.listen(port, host)`, `listen({ port, host })`, `listen(host, port)`
    fn listen(&mut self, at: usize) {
        let args = self.args(at);
        // A method of that name is being written: `listen(port) { ... }`.
        let defines =
            self.names.tokens.partner(at + 1).is_some_and(|close| self.names.tokens.is(close + 1, "{"));
        if defines {
            return;
        }
        let call = self.called(at);
        let Some(first) = args.first() else { return self.push_unknown(&call, at) };
        let given = worth(self.names, first);
        if given.port().is_none()
            && given.variable.is_none()
            && let Some(port) = self.find(first, "port")
        {
            let host = self.host_of(first);
            return self.push(Sure::Listens, &call, &port, host.as_ref(), at);
        }
        let second =
            args.get(1).filter(|second| given.port().is_none() && worth(self.names, second).port().is_some());
        match second {
            Some(second) => self.push(Sure::Listens, &call, second, Some(first), at),
            None => self.push(Sure::Listens, &call, first, args.get(1), at),
        }
    }

    fn host_of(&self, object: &Expr<'a>) -> Option<Expr<'a>> {
        self.find(object, "host").or_else(|| self.find(object, "hostname"))
    }

    /// `bindAsync('0.0.0.0:50051', ...)`
    fn address(&mut self, at: usize) {
        let args = self.args(at);
        let Some(first) = args.first() else { return };
        let call = self.called(at);
        if let Shape::Template(texts, parts) = &first.shape
            && let (Some(part), Some("")) = (parts.last(), texts.last().map(|text| &**text))
        {
            return self.push(Sure::Listens, &call, part, None, at);
        }
        let whole = worth(self.names, first);
        let Some((host, port)) = whole.text.as_deref().and_then(|text| text.rsplit_once(':')) else { return };
        let (host, port) = (host.to_owned(), Worth { text: Some(port.to_owned()), ..whole.clone() });
        self.push_worth(Sure::Listens, &call, port, Worth { text: Some(host), ..Worth::default() }, at);
    }

    /// `Bun.serve({ port })`, `serve({ fetch, port })`, `new WebSocketServer({ port })`
    fn server(&mut self, at: usize, by_default: bool) {
        let tokens = self.names.tokens;
        let args = self.args(at);
        let call = self.called(at);
        for arg in args.iter().take(3) {
            if let Some(port) = self.find(arg, "port") {
                let host = self.host_of(arg);
                return self.push(Sure::Listens, &call, &port, host.as_ref(), at);
            }
        }
        let listens = args.iter().any(|arg| self.find(arg, "fetch").is_some());
        if by_default && listens {
            return self.push_unknown(&call, at);
        }
        let made = at > 0 && tokens.is(at - 1, "new");
        if let [only] = args.as_slice()
            && made
            && matches!(only.shape, Shape::Number(_))
        {
            self.push(Sure::Listens, &call, only, None, at);
        }
    }

    /// `startStandaloneServer(server, { listen: { port: 4000 } })`
    fn listen_property(&mut self, at: usize) {
        let (object, _) = expr::parse(self.names.tokens, at + 2);
        if let Some(port) = self.find(&object, "port") {
            let host = self.host_of(&object);
            self.push(Sure::Listens, "listen", &port, host.as_ref(), at);
        }
    }

    /// `.option('--port <int>', 'what it is', 3000)`, `.option('port', { default: 3000 })`, `.default('port', 3000)`
    fn option(&mut self, at: usize) {
        let args = self.args(at);
        if !args.first().and_then(Expr::as_str).is_some_and(names_port) {
            return;
        }
        let default = args.iter().skip(1).find_map(|arg| {
            let value = arg.entry("default").unwrap_or(arg);
            worth(self.names, value).port().map(|_| value.clone())
        });
        if let Some(default) = default {
            let call = self.called(at);
            self.push(Sure::Option, &call, &default, None, at);
        }
    }

    /// `new Option('--port <int>').env('PORT').default(3000)`
    fn option_chain(&mut self, at: usize) {
        let named = self.args(at).first().and_then(Expr::as_str).is_some_and(names_port);
        if !named {
            return;
        }
        let (chain, _) = expr::parse(self.names.tokens, at);
        self.schema("Option", &chain, Sure::Option, None, at);
    }

    /// `port: { default: 3000 }`, `PORT: z.coerce.number().default(3000)`
    fn key(&mut self, name: &str, at: usize) {
        if !is_port_name(name) {
            return;
        }
        let (value, _) = expr::parse(self.names.tokens, at + 2);
        let sure = match &value.shape {
            // `{ port: this.getNumber('PORT') }`
            Shape::Call { args, .. } if asks_for_port(args) => {
                return self.push(Sure::Named, name, &value, None, at);
            }
            // `{ port: parseNumber(process.env.PORT, 4242) }`
            Shape::Call { .. } if self.is_own(&value) => {
                return self.push(Sure::Named, name, &value, None, at);
            }
            // `PORT: z.coerce.number().default(3000)`, `serverPort: z.number().default(3000)`
            Shape::Call { .. } if is_variable(name) || checks_number(&value, 0) => Sure::Setting,
            Shape::Object(_) if value.entry("env").is_some() => Sure::Setting,
            Shape::Object(_) => Sure::Option,
            _ => return,
        };
        let variable = is_variable(name).then(|| name.to_owned());
        self.schema(name, &value, sure, variable, at);
    }

    /// Whether a value is a port that a variable of that name changes.
    fn is_own(&self, value: &Expr<'a>) -> bool {
        let worth = worth(self.names, value);
        worth.port().is_some() && worth.variable.as_deref().is_some_and(is_port_name)
    }

    fn schema(&mut self, call: &str, value: &Expr<'a>, sure: Sure, variable: Option<String>, at: usize) {
        let Some(default) = default_of(value, 0) else { return };
        let variable = variable_of(value, 0).or(variable);
        let worth = worth(self.names, &default);
        let worth = Worth { variable: variable.or(worth.variable), ..worth };
        if worth.port().is_some() {
            self.push_worth(sure, call, worth, Worth::default(), at);
        }
    }

    /// `export default { port: 3000, fetch }`
    fn export(&mut self) {
        let Some((_, value)) = self.names.exported.iter().find(|(name, _)| name == "default") else { return };
        if self.find(value, "fetch").is_none() {
            return;
        }
        match self.find(value, "port") {
            Some(port) => {
                let host = self.host_of(value);
                self.push(Sure::Listens, "export default", &port, host.as_ref(), value.at);
            }
            None => self.push_unknown("export default", value.at),
        }
    }

    /// What is called, as the file names it.
    fn called(&self, name: usize) -> String {
        let tokens = self.names.tokens;
        let last = tokens.name(name).unwrap_or_default();
        let receiver = (name >= 2 && tokens.is(name - 1, ".")).then(|| tokens.name(name - 2)).flatten();
        receiver.map_or_else(|| last.to_owned(), |receiver| format!("{receiver}.{last}"))
    }

    fn push(&mut self, sure: Sure, call: &str, port: &Expr<'a>, host: Option<&Expr<'a>>, at: usize) {
        let host = host.map_or_else(Worth::default, |host| worth(self.names, host));
        self.push_worth(sure, call, worth(self.names, port), host, at);
    }

    fn push_worth(&mut self, sure: Sure, call: &str, worth: Worth, host: Worth, at: usize) {
        let port = worth.port();
        let called_port = |name: &str| name.to_ascii_lowercase().contains("port");
        let variable = worth.variable.filter(|name| port.is_some() || called_port(name));
        let refers = worth
            .refers
            .filter(|refers| port.is_some() || refers.name.rsplit('.').next().is_some_and(called_port));
        if port.is_none() && variable.is_none() && refers.is_none() {
            return;
        }
        let must_set = port.is_none() && refers.is_none() && !worth.has_fallback;
        self.found.push(Listen {
            port,
            must_set,
            variable,
            host: host.text.filter(|text| text.parse::<f64>().is_err()),
            host_variable: host.variable,
            from: self.from(call),
            call: call.to_owned(),
            refers,
            line: self.names.tokens.line(at),
            sure,
        });
    }

    /// It listens, on a port that the called function knows.
    fn push_unknown(&mut self, call: &str, at: usize) {
        self.found.push(Listen {
            port: None,
            variable: None,
            must_set: false,
            host: None,
            host_variable: None,
            from: self.from(call),
            call: call.to_owned(),
            refers: None,
            line: self.names.tokens.line(at),
            sure: Sure::Listens,
        });
    }

    fn from(&self, call: &str) -> Option<String> {
        let first = call.split('.').next().unwrap_or(call);
        self.names.module_of(first)
    }
}

/// Whether a function of this name makes or starts a server.
fn is_server(name: &str) -> bool {
    name.strip_suffix("Server").is_some_and(|rest| {
        let verb = rest.starts_with("create") || rest.starts_with("start") || rest.starts_with("run");
        verb || rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_uppercase())
    })
}

/// Whether a call's first word is the environment's name for a port.
fn asks_for_port(args: &[Expr<'_>]) -> bool {
    let first = args.first().and_then(Expr::as_str);
    first.is_some_and(|text| is_variable(text) && is_port_name(text))
}

/// Whether a chain of calls checks a number: `z.coerce.number().int()`, `Joi.number().port()`.
fn checks_number(value: &Expr<'_>, depth: u8) -> bool {
    let Shape::Call { callee, .. } = &value.shape else { return false };
    match &callee.shape {
        Shape::Member(_, name) if matches!(&**name, "number" | "port" | "int") => true,
        Shape::Member(receiver, _) if depth < 16 => checks_number(receiver, depth + 1),
        _ => false,
    }
}

/// Whether an option's declaration is the port's: `port`, `-p, --port <int>`.
fn names_port(text: &str) -> bool {
    text == "port" || text.split([' ', ',', '=']).any(|word| word == "--port")
}
