use super::*;
use proptest::prelude::*;

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn service(name: &str) -> ResourceId {
    ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/prod/{name}")))
}

fn some() -> Choices {
    let policy = ResourceId::new(&scope(), Kind::ScalingPolicy, "ecs/service/prod/web/ecs:service:DesiredCount/cpu/1");
    let options = Options {
        dialect: Dialect::V3,
        concise: true,
        references: BTreeMap::from([(ReferenceKind::value_variants()[0], Mode::Data)]),
        labels: BTreeMap::from([(service("web"), "front".into()), (policy.clone(), "cpu".into())]),
        skips: BTreeSet::from([ResourceId::cluster(&scope(), "prod")]),
        ..Options::default()
    };
    let selection = [service("web"), ResourceId::cluster(&scope(), "prod"), service("api"), service("web")];
    Choices { folder: Some("front".into()), ..Choices::of(scope(), &selection, options) }
}

fn refused(text: &str) -> (usize, String) {
    let ChoicesError { line, message, .. } = Choices::parse(text, &scope()).unwrap_err();
    (line, message)
}

#[test]
fn what_is_written_is_read_and_the_text_is_the_same() {
    let choices = some();
    let text = choices.text("front");
    let read = Choices::parse(&text, &scope()).unwrap();
    assert_eq!(read, choices);
    assert_eq!(read.text("front"), text);
    let Wanted::These(these) = &read.wanted else { panic!("a list") };
    let names: Vec<&str> = these.iter().map(ResourceId::name).collect();
    assert_eq!(names, ["prod", "web", "api"], "by kind, else as they were named, each once");
    let all = Choices::all(scope(), Options::default());
    let read = Choices::parse(&all.text("prod"), &scope()).unwrap();
    assert_eq!((read.wanted, read.folder.as_deref()), (Wanted::All, Some("prod")));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let text = some().text("front");
    let change = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} in\n{text}");
        let changed = text.replacen(from, to, 1);
        let line = changed.lines().position(|l| l.contains(to.lines().next().unwrap())).unwrap() + 1;
        let (said, message) = refused(&changed);
        assert_eq!(said, line, "{message}");
        message
    };
    assert!(change("concise = true", "conzise = true").contains("ecsight knows nothing of this name: `conzise`"));
    assert!(change("concise = true", "concise = 1").contains("expected a boolean"));
    assert!(change("dialect = \"v3\"", "dialect = \"v9\"").contains("ecsight knows no such word: `v9`"));
    assert!(
        change("region = \"eu-west-1\"", "region = \"eu-north-1\"").contains("not that of this session, eu-west-1")
    );
    assert!(change("account = \"1", "account = \"2").contains("not that of this session"));
    assert!(change("folder = \"front\"", "folder = \"../front\"").contains("begins with a letter"));
    assert!(change("folder = \"front\"", "folder = \"a/b\"").contains("'/' cannot stand in a folder's name"));
    assert!(change("= \"front\"\n[names.s", "= \"1st\"\n[names.s").contains("begins with a letter or _"));
    assert!(change("= \"data\"", "= \"guess\"").contains("ecsight knows no such word: `guess`"));
    assert!(change("service = [", "servize = [").contains("ecsight knows no such word: `servize`"));
    let other = "arn:aws:ecs:eu-west-1:999999999999:service/prod/api";
    assert!(change("arn:aws:ecs:eu-west-1:123456789012:service/prod/api", other).contains("another account"));
    assert!(change("ecs/service/prod/web/ecs", "ecs/web/ecs").contains("is no scaling policy"));
    assert!(refused("").1.contains("this has to be said, and is not: `partition`"));
    let bare = "partition = \"aws\"\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n";
    assert!(refused(bare).1.contains("nothing is selected"));
    let both = format!("{bare}all = true\n[select]\nservice = [\"{}\"]\n", service("a").native);
    assert_eq!(refused(&both).0, 4);
    let twice = format!(
        "{bare}all = true\n[names.service]\n\"{}\" = \"x\"\n\"{}\" = \"x\"\n",
        service("a").native,
        service("b").native
    );
    assert!(refused(&twice).1.contains("is the name of"));
    assert!(refused("a = \"\u{1b}[31m\"").1.chars().all(|c| !c.is_control()));
}

#[test]
fn what_could_deceive_stands_as_an_escape() {
    let evil = "a\"\\\n\u{1b}\u{202e}\u{7f}é";
    let text = format!("x = {}", quoted(evil));
    assert!(text.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{text}");
    let table: BTreeMap<String, String> = toml::from_str(&text).unwrap();
    assert_eq!(table["x"], evil);
}

proptest! {
    #[test]
    fn any_name_that_aws_could_give_comes_back(name in "[^/]{1,20}", label in "[a-z_][a-z0-9_-]{0,8}") {
        let id = service(&name);
        let options = Options {
            labels: BTreeMap::from([(id.clone(), label)]),
            skips: BTreeSet::from([id.clone()]),
            ..Options::default()
        };
        let choices = Choices { folder: Some("a".into()), ..Choices::of(scope(), &[id], options) };
        prop_assert_eq!(Choices::parse(&choices.text("a"), &scope()), Ok(choices));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Choices::parse(&text, &scope());
    }
}
