//! What holds for any patterns and any files.
use std::collections::BTreeSet;

use globset::GlobBuilder;
use proptest::prelude::*;

use super::*;

/// Names of two letters at most, so that collisions are likely.
fn path() -> impl Strategy<Value = String> {
    prop::collection::vec("[ab]{1,2}", 1..4).prop_map(|names| names.join("/"))
}

fn pattern() -> impl Strategy<Value = String> {
    let component = prop_oneof![3 => "[ab*?]{1,3}", 1 => Just("**".to_owned()), 1 => Just("[!b]a".to_owned()), 1 => Just("{a,b*}".to_owned())];
    let component = component.prop_filter(
        "globset takes `**` beside other characters for a star too",
        |component| component == "**" || !component.contains("**"),
    );
    prop::collection::vec(component, 1..4).prop_map(|components| components.join("/"))
}

/// Files of which none needs to be where another has a directory.
fn tree() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(path(), 1..12).prop_map(|paths| {
        paths
            .into_iter()
            .map(|path| format!("{path}/f"))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    })
}

fn planned(case: &Case) -> BTreeSet<String> {
    match case.resolve() {
        Ok((plan, _)) => plan.files.into_iter().map(|file| file.path).collect(),
        Err(_) => BTreeSet::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// globset on whole paths, and a directory that matches means what is below it.
    #[test]
    fn patterns_match_what_globset_matches(tree in tree(), pattern in pattern()) {
        let glob = GlobBuilder::new(&pattern).literal_separator(true).build().unwrap().compile_matcher();
        let expected: BTreeSet<_> =
            tree.iter().filter(|path| Path::new(path).ancestors().any(|path| path != Path::new("") && glob.is_match(path))).cloned().collect();
        let case = tree.iter().fold(Case::new(), |case, path| case.file(path, "")).rule(Doc, &pattern);
        let named = pattern.contains('{') && !expected.is_empty() && case.plan().contains("does not exist");
        prop_assume!(!named, "globset lets a file be missing that braces name beside others");
        prop_assert_eq!(planned(&case), expected);
    }

    #[test]
    fn the_order_of_creation_does_not_show(tree in tree().prop_shuffle(), pattern in pattern()) {
        let mut sorted = tree.clone();
        sorted.sort();
        let make = |tree: Vec<String>| tree.iter().fold(Case::new(), |case, path| case.file(path, "")).rule(Doc, &pattern);
        prop_assert_eq!(make(tree).plan(), make(sorted).plan());
    }

    #[test]
    fn nothing_comes_from_outside(
        tree in tree(),
        links in prop::collection::vec((path(), prop_oneof![
            path(), path().prop_map(|path| format!("../{path}")), path().prop_map(|path| format!("../../{path}")),
            Just("../../outside".to_owned()), Just("../outside/a".to_owned()), Just("..".to_owned()), Just(".".to_owned()),
        ]), 1..6),
        pattern in prop_oneof![pattern(), path()],
    ) {
        let case = tree.iter().fold(Case::new(), |case, path| case.file(path, ""));
        let outside = case.directory.path().join("outside/a");
        fs_err::create_dir_all(&outside).unwrap();
        fs_err::write(outside.join("f"), "").unwrap();
        symlink(case.context(), case.directory.path().join("outside/back")).unwrap();
        for (path, target) in links {
            let place = case.context().join(path);
            let _ = place.parent().map(fs_err::create_dir_all);
            let _ = symlink(target, place);
        }
        let case = case.rule(Doc, &pattern);
        if let Ok((plan, _)) = case.resolve() {
            let root = fs_err::canonicalize(case.context()).unwrap();
            for file in plan.files {
                let path = &file.own().unwrap().path;
                prop_assert!(fs_err::canonicalize(path).unwrap().starts_with(&root), "{file:?}");
            }
        }
    }
}
