//! What a schema asks of the environment: `z.object({ ... }).parse(process.env)`, `cleanEnv(process.env, { ... })`,
//! `createEnv({ server: { ... } })`. A key that nothing is taken for has to be set.

use super::expr::{self, Expr, Shape};
use super::names::Names;
use super::worth::{is_environment, is_variable};

/// Calls that hold the environment against a schema.
pub(super) const CHECKS: [&str; 7] =
    ["parse", "safeParse", "parseAsync", "validate", "validateSync", "cleanEnv", "createEnv"];

/// Words of a chain that let a key be missing.
const LENIENT: [&str; 8] =
    ["optional", "default", "catch", "nullish", "undefined", "any", "unknown", "boolean"];

/// Schemas deeper than this are none.
const DEEPEST: u8 = 16;

/// The variables that the call whose name stands at a token does not go on without.
pub(super) fn demanded(names: &Names<'_, '_>, at: usize) -> Vec<String> {
    let tokens = names.tokens;
    let (call, _) = expr::parse(tokens, beginning(names, at));
    let Shape::Call { callee, args } = &call.shape else { return Vec::new() };
    let mut entries = Vec::new();
    if let Some(schema) = checked(names, tokens.name(at).unwrap_or_default(), callee, args) {
        gather(names, &schema, 0, &mut entries);
    }
    let kept = entries
        .into_iter()
        .filter(|(key, value)| is_variable(key) && key != "NODE_ENV" && is_demanded(names, value));
    kept.map(|(key, _)| key).collect()
}

/// The schema of a call that checks the environment.
fn checked<'a>(names: &Names<'_, 'a>, name: &str, callee: &Expr<'a>, args: &[Expr<'a>]) -> Option<Expr<'a>> {
    let environment = |at: usize| args.get(at).is_some_and(|arg| is_environment(names, arg));
    match name {
        "createEnv" => args.first()?.entry("server").cloned(),
        "cleanEnv" => args.get(1).filter(|_| environment(0)).cloned(),
        _ if environment(1) => args.first().cloned(),
        _ => match &callee.shape {
            Shape::Member(receiver, _) if environment(0) => Some((**receiver).clone()),
            _ => None,
        },
    }
}

/// The first token of the chain that a name ends.
fn beginning(names: &Names<'_, '_>, mut at: usize) -> usize {
    let tokens = names.tokens;
    while at >= 2 && tokens.is(at - 1, ".") {
        let before = at - 2;
        let open = tokens.partner(before).filter(|open| tokens.is(before, ")") && *open < before);
        match open {
            Some(open) if open > 0 && tokens.name(open - 1).is_some() => at = open - 1,
            None if tokens.name(before).is_some() => at = before,
            _ => break,
        }
    }
    at
}

/// The keys of a schema: of an object, of what a name stands for, of what calls are given and made on.
fn gather<'a>(names: &Names<'_, 'a>, schema: &Expr<'a>, depth: u8, found: &mut Vec<(String, Expr<'a>)>) {
    if depth > DEEPEST || found.len() > 500 {
        return;
    }
    match &schema.shape {
        Shape::Object(entries) => {
            for entry in entries {
                match &entry.key {
                    Some(key) => found.push((key.to_string(), entry.value.clone())),
                    None => gather(names, &entry.value, depth + 1, found),
                }
            }
        }
        Shape::Name(name) => {
            for one in names.lookup(name, schema.at).iter().filter(|one| one.value.at != schema.at) {
                gather(names, &one.value, depth + 1, found);
            }
        }
        Shape::Call { callee, args } => {
            for arg in args {
                gather(names, arg, depth + 1, found);
            }
            if let Shape::Member(receiver, _) = &callee.shape {
                gather(names, receiver, depth + 1, found);
            }
        }
        _ => {}
    }
}

/// Whether the value under a key is a chain of a library's that takes nothing for what is not there.
fn is_demanded(names: &Names<'_, '_>, value: &Expr<'_>) -> bool {
    if !matches!(value.shape, Shape::Call { .. }) {
        return false;
    }
    let mut words = Vec::new();
    chain(value, 0, &mut words);
    let lenient = |word: &String| {
        let word = word.to_ascii_lowercase();
        LENIENT.iter().any(|lenient| word.contains(lenient))
    };
    let root = root(value, 0).unwrap_or_default();
    // Joi and Yup ask for a key only where they are told to.
    let told = !["joi", "yup"].iter().any(|name| root.eq_ignore_ascii_case(name))
        || words.iter().any(|word| word == "required");
    names.module_of(root).is_some() && told && !words.iter().any(lenient)
}

/// The words of a chain of calls, those of what it is given among them.
fn chain(value: &Expr<'_>, depth: u8, words: &mut Vec<String>) {
    if depth > DEEPEST {
        return;
    }
    match &value.shape {
        Shape::Name(name) => words.push((*name).to_owned()),
        Shape::Nothing => words.push("undefined".to_owned()),
        Shape::Member(inner, key) => {
            words.push(key.to_string());
            chain(inner, depth + 1, words);
        }
        Shape::Call { callee, args } => {
            chain(callee, depth + 1, words);
            for arg in args {
                chain(arg, depth + 1, words);
            }
        }
        Shape::Array(items) => {
            for item in items {
                chain(item, depth + 1, words);
            }
        }
        Shape::Object(entries) => {
            words.extend(entries.iter().filter_map(|entry| Some(entry.key.as_ref()?.to_string())));
        }
        _ => {}
    }
}

/// The name that a chain begins with.
fn root<'a>(value: &Expr<'a>, depth: u8) -> Option<&'a str> {
    if depth > 32 {
        return None;
    }
    match &value.shape {
        Shape::Name(name) => Some(name),
        Shape::Member(inner, _) => root(inner, depth + 1),
        Shape::Call { callee, .. } => root(callee, depth + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    fn demanded(text: &str) -> Vec<String> {
        let env = super::super::read(text).env;
        env.into_iter().filter(|read| read.required && read.loading).map(|read| read.name).collect()
    }

    #[test]
    fn keys_without_a_fallback_are_demanded() {
        let zod = "import { z } from 'zod';\nconst schema = z.object({ KEY_A: z.string().url(), KEY_B: z.string().optional(),\n\
            KEY_C: z.coerce.number().default(3), KEY_D: z.preprocess((x) => x, z.string().nullish()), KEY_E: z.enum(['a']), NODE_ENV: z.string() });";
        assert_eq!(
            demanded(&format!("{zod}\nexport const env = schema.parse(process.env);")),
            ["KEY_A", "KEY_E"]
        );
        assert_eq!(
            demanded(&format!(
                "{zod}\nconst r = schema.safeParse(process.env); if (!r.success) process.exit(1)"
            )),
            ["KEY_A", "KEY_E"]
        );
        assert!(demanded(&format!("{zod}\nschema.parse(body)")).is_empty());
        assert!(
            demanded(&format!("{zod}\nfunction later() {{ return schema.parse(process.env) }}")).is_empty()
        );
        assert_eq!(
            demanded("import { z } from 'zod'; z.object({ KEY_A: z.string() }).parse(process.env)"),
            ["KEY_A"]
        );
        assert_eq!(
            demanded("import * as v from 'valibot'; v.parse(v.object({ KEY_A: v.string() }), process.env)"),
            ["KEY_A"]
        );
    }

    #[test]
    fn other_libraries_are_read_their_way() {
        let envalid = "import { cleanEnv, str, port } from 'envalid';\n\
            export const env = cleanEnv(process.env, { KEY_A: str(), KEY_B: str({ default: 'b' }), PORT: port({ default: 3 }) });";
        assert_eq!(demanded(envalid), ["KEY_A"]);
        let joi = "const Joi = require('joi'); const schema = Joi.object({ KEY_A: Joi.string().required(), KEY_B: Joi.string() });\n\
            const { value, error } = schema.validate(process.env);";
        assert_eq!(demanded(joi), ["KEY_A"]);
        let next = "import { createEnv } from '@t3-oss/env-nextjs'; import { z } from 'zod';\n\
            export const env = createEnv({ server: { KEY_A: z.string(), KEY_B: own() }, client: { NEXT_PUBLIC_C: z.string() } });";
        assert_eq!(demanded(next), ["KEY_A"]);
    }
}
