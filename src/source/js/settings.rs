//! Settings that lie beside the sources in another format, as if a file exported them: what the package `config` gives
//! for `config.get('server.port')`.

use std::collections::BTreeMap;

use super::{Constant, Module, listen};
use crate::manifest::settings;

/// A YAML file of settings.
#[must_use]
pub(super) fn yaml(text: &str) -> Module {
    let Ok(all) = settings::yaml(text) else { return Module::default() };
    let constant = |one: settings::Setting| {
        let constant = Constant { text: Some(one.value), line: one.line, ..Constant::default() };
        (format!("default.{}", one.key), constant)
    };
    let mut module =
        Module { constants: all.into_iter().map(constant).collect::<BTreeMap<_, _>>(), ..Module::default() };
    module.listens = listen::named_ports(&module.constants);
    module
}

/// Settings with what another file of the same keys says: the values of a more particular file, or, for variables, the
/// environment's names for them.
#[must_use]
pub fn overlaid(base: &Module, over: &Module, variables: bool) -> Module {
    let mut module = base.clone();
    for (key, constant) in &over.constants {
        let Some(known) = module.constants.get_mut(key) else { continue };
        if variables {
            known.variable.clone_from(&constant.text);
        } else {
            known.text.clone_from(&constant.text);
        }
    }
    module.listens = listen::named_ports(&module.constants);
    module
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_settings_is_what_a_module_exports() {
        let base = yaml("server:\n  host: 0.0.0.0\n  port: 3000\ndb:\n  port: 5432\n");
        assert_eq!(base.listens.iter().map(|one| one.port).collect::<Vec<_>>(), [Some(3000)]);
        let names = overlaid(&base, &yaml("server:\n  port: PORT\n"), true);
        assert_eq!((names.listens[0].port, names.listens[0].variable.as_deref()), (Some(3000), Some("PORT")));
        assert_eq!(names.listens[0].line, 3);
        let production = overlaid(&base, &yaml("server:\n  port: 80\n"), false);
        assert_eq!(production.listens[0].port, Some(80));
    }
}
