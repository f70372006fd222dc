//! The rules of `instances(..)`: which types can stand in the list.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{GenericParam, PathArguments, Type, TypePath};

use super::attr::Given;
use super::item::Item;
use crate::diag::Errors;
use crate::tokens::text;

/// The listed types without those that cannot be instantiations of the item.
pub(super) fn judge_instances(
    item: &Item,
    given: &Given<Vec<Type>>,
    errors: &mut Errors,
) -> Vec<Type> {
    if !item.is_generic() {
        // `model` has said that the whole key is one too many.
        return Vec::new();
    }
    let ident = &item.ident;
    let example = example_instance(item);
    if given.value.is_empty() {
        errors.at(
            &given.key,
            format!("`instances` lists no type; write `instances({example})`"),
        );
    }
    let mut seen: Vec<String> = Vec::new();
    let mut kept = Vec::new();
    for listed in &given.value {
        let written = text(listed.to_token_stream());
        let fault = match instantiation(listed) {
            Some((name, _)) if name != ident => Some((
                listed.to_token_stream(),
                format!(
                    "`{written}` is no instantiation of `{ident}`; write types such as `{example}`"
                ),
            )),
            Some((_, PathArguments::AngleBracketed(arguments))) => {
                arguments.args.iter().find_map(|argument| {
                    let parameter = parameter_named(item, &text(argument.to_token_stream()))?;
                    let message = format!(
                        "`{parameter}` is a parameter of `{ident}`; a listed type names concrete \
                         arguments, as in `{example}`"
                    );
                    Some((argument.to_token_stream(), message))
                })
            }
            Some(_) if item.has_defaults() => None,
            Some(_) => Some((
                listed.to_token_stream(),
                format!("`{written}` lacks its arguments; write `{example}`"),
            )),
            None => Some((
                listed.to_token_stream(),
                format!(
                    "expected an instantiation of `{ident}`, as `{example}`; found `{written}`"
                ),
            )),
        };
        match fault {
            Some((culprit, message)) => errors.at(culprit, message),
            None if seen.contains(&written) => {
                errors.at(
                    listed,
                    format!("`{written}` is listed twice; keep one of them"),
                );
            }
            None => {
                seen.push(written);
                kept.push(listed.clone());
            }
        }
    }
    kept
}

/// The last name and the arguments of a type that is a path.
fn instantiation(listed: &Type) -> Option<(&Ident, &PathArguments)> {
    match listed {
        Type::Path(TypePath {
            qself: None, path, ..
        }) => path
            .segments
            .last()
            .map(|segment| (&segment.ident, &segment.arguments)),
        Type::Group(group) => instantiation(&group.elem),
        Type::Paren(paren) => instantiation(&paren.elem),
        _ => None,
    }
}

/// The parameter of the item with this name: a lifetime, a type or a constant.
fn parameter_named(item: &Item, name: &str) -> Option<String> {
    let mut names = item.generics.params.iter().map(|param| match param {
        GenericParam::Type(param) => param.ident.to_string(),
        GenericParam::Const(param) => param.ident.to_string(),
        GenericParam::Lifetime(param) => param.lifetime.to_string(),
    });
    names.find(|parameter| parameter == name)
}

/// `<u32, 4>`: the arguments of a listed type as text.
pub(super) fn arguments_of(listed: &Type) -> String {
    match instantiation(listed) {
        Some((_, arguments)) => text(arguments.to_token_stream()),
        None => String::new(),
    }
}

/// A plausible instantiation of the item, for messages.
pub(super) fn example_instance(item: &Item) -> String {
    let arguments: Vec<&str> = item
        .generics
        .params
        .iter()
        .map(|param| match param {
            GenericParam::Lifetime(_) => "'_",
            GenericParam::Type(_) => "u32",
            GenericParam::Const(_) => "8",
        })
        .collect();
    format!("{}<{}>", item.ident, arguments.join(", "))
}
