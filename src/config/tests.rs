//! What is accepted, and how exactly what is not is told.

use std::io::Write;

use super::*;

#[test]
fn dev_needs_nothing() {
    let config = Config::read(Mode::Dev, &Flags::default(), &Environment::default())
        .expect("the defaults are right");

    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert!(config.livekit.is_none());
    assert!(matches!(config.access, Access::Loopback));
}

#[test]
fn serve_tells_everything_that_is_missing_at_once() {
    let mistakes = Config::read(Mode::Serve, &Flags::default(), &Environment::default())
        .expect_err("nothing is set");

    let fixes: Vec<_> = mistakes
        .iter()
        .map(|mistake| mistake.fix.as_str())
        .collect();
    for name in [
        "LIVEKIT_URL=",
        "LIVEKIT_API_KEY=",
        "LIVEKIT_API_SECRET=",
        "PATCHBAY_API_KEY=",
    ] {
        assert!(
            fixes.iter().any(|fix| fix.starts_with(name)),
            "{name} in {fixes:?}"
        );
    }
    assert_eq!(fixes.len(), 4);
}

#[test]
fn every_wrong_value_is_told_with_its_place_and_its_line() {
    let file = file(
        "listen = \"nowhere\"\n\
         [sessions]\n\
         max = 0\n\
         empty_timeout = \"soon\"\n\
         maximum = 3\n\
         [[keys]]\n\
         name = \"dashboard\"\n\
         scopes = [\"reading\"]\n\
         sha256 = \"short\"\n",
    );
    let environment = Environment::from_iter([
        ("LIVEKIT_URL", "livekit.example.com"),
        ("PATCHBAY_LOG", "patchbay=loud"),
    ]);

    let mistakes = Config::read(Mode::Dev, &flags(&file), &environment).expect_err("all is wrong");

    let text = mistakes.to_string();
    for part in [
        "patchbay.toml:1 (listen) is `nowhere`, not HOST:PORT",
        "fix: listen = \"127.0.0.1:8080\"",
        "fix: max = 1000",
        "fix: LIVEKIT_URL=wss://livekit.example.com",
        "patchbay.toml:3 (sessions.max) is `0`, not a positive whole number",
        "patchbay.toml:4 (sessions.empty_timeout) is `soon`, not a duration",
        "patchbay.toml:5 sets `sessions.maximum`, which does not exist",
        "keys.0.scopes names `reading`",
        "keys.0.sha256 is not",
        "LIVEKIT_URL is `livekit.example.com`, not a ws(s) address",
        "LIVEKIT_API_KEY is not set",
        "LIVEKIT_API_SECRET is not set",
        "PATCHBAY_LOG is `patchbay=loud`",
    ] {
        assert!(text.contains(part), "`{part}` in:\n{text}");
    }
    assert_eq!(mistakes.iter().count(), 10, "{text}");
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let file =
        file("listen = \"127.0.0.1:1\"\ndata_dir = \"from-file\"\n[shutdown]\ngrace = \"1m\"\n");
    let environment = Environment::from_iter([
        ("PATCHBAY_LISTEN", "127.0.0.1:2"),
        ("PATCHBAY_DATA_DIR", "from-environment"),
    ]);
    let flags = Flags {
        listen: Some("[::1]:3".to_owned()),
        ..flags(&file)
    };

    let config = Config::read(Mode::Dev, &flags, &environment).expect("all is right");

    assert_eq!(config.listen.to_string(), "[::1]:3");
    assert_eq!(config.data_dir, PathBuf::from("from-environment"));
    assert_eq!(config.shutdown_grace, Duration::from_secs(60));
}

#[test]
fn dev_that_others_can_reach_needs_a_key() {
    let flags = Flags {
        listen: Some("0.0.0.0:8080".to_owned()),
        ..Flags::default()
    };

    let without = Config::read(Mode::Dev, &flags, &Environment::default());
    let key = Environment::from_iter([("PATCHBAY_API_KEY", "0123456789abcdef")]);
    let with = Config::read(Mode::Dev, &flags, &key).expect("there is a key");

    assert!(without.is_err());
    assert!(matches!(with.access, Access::Keys(keys) if keys.len() == 1));
}

#[test]
fn aliases_that_contradict_each_other_are_a_mistake() {
    let environment = Environment::from_iter([
        ("WEBHOOK_URL", "https://one.example"),
        ("WEBHOOK_BASE_URL", "https://two.example"),
    ]);

    let mistakes =
        Config::read(Mode::Dev, &Flags::default(), &environment).expect_err("which one is meant?");

    assert!(mistakes.to_string().contains("unset WEBHOOK_BASE_URL"));
}

#[test]
fn secrets_do_not_show_in_what_is_printed() {
    let environment = Environment::from_iter([
        ("LIVEKIT_URL", "ws://livekit.example.com"),
        ("LIVEKIT_API_KEY", "devkey"),
        ("LIVEKIT_API_SECRET", "hush-hush"),
        ("PATCHBAY_API_KEY", "do-not-tell"),
    ]);

    let config = Config::read(Mode::Serve, &Flags::default(), &environment).expect("all is set");

    let shown = format!("{config:?}");
    assert!(
        !shown.contains("hush-hush") && !shown.contains("do-not-tell"),
        "{shown}"
    );
    assert_eq!(config.warnings.len(), 2, "{:?}", config.warnings);
}

#[test]
fn what_is_not_toml_is_told_with_its_line_and_a_missing_file_by_its_name() {
    let broken = file("[sessions]\nmax = = 3\n");
    let missing = Flags {
        config: Some("/nowhere/patchbay.toml".to_owned()),
        ..Flags::default()
    };

    let broken = Config::read(Mode::Dev, &flags(&broken), &Environment::default())
        .expect_err("it is not TOML");
    let missing =
        Config::read(Mode::Dev, &missing, &Environment::default()).expect_err("it is not there");

    assert!(
        broken.to_string().contains("patchbay.toml:2 is not TOML"),
        "{broken}"
    );
    assert!(
        missing
            .to_string()
            .contains("/nowhere/patchbay.toml cannot be read"),
        "{missing}"
    );
}

#[test]
fn a_profile_says_who_an_agent_is_and_who_plays_it() {
    let file = file(
        "default_profile = \"reception\"\n\
         [profiles.reception]\n\
         name = \"Ada\"\n\
         persona = \"You are brief.\"\n\
         languages = [\"en-GB\", \"fr\"]\n\
         thinkers = [\"ollama\", \"offline\"]\n\
         knowledge_text = \"Open from nine to five.\"\n\
         [profiles.reception.turn]\n\
         min_pause_ms = 250\n\
         [profiles.test]\n\
         agent = \"echo\"\n\
         [providers.ollama]\n\
         kind = \"openai\"\n\
         base_url = \"http://localhost:11434/v1\"\n\
         model = \"llama3.2\"\n\
         thinker = { temperature = 0.2 }\n",
    );
    let environment = Environment::from_iter([("OPENAI_API_KEY", "for-the-vendor-alone")]);

    let config = Config::read(Mode::Dev, &flags(&file), &environment).expect("all is right");

    let (name, profile) = config.profiles.get(None).expect("there is a default");
    assert_eq!((name, profile.talk.name.as_str()), ("reception", "Ada"));
    assert_eq!(profile.talk.turn.min_pause_ms, 250);
    assert_eq!(profile.cast.of(Role::Thinker), ["ollama", "offline"]);
    assert_eq!(profile.knowledge[0].source, "profile");
    let (_, test) = config.profiles.get(Some("test")).expect("it is there");
    assert_eq!(test.cast.agent, AgentKind::Echo);
    let ollama = &config.providers["ollama"];
    assert_eq!(ollama.kind, ProviderKind::OpenAi);
    assert!(
        ollama.key.is_none(),
        "the vendor's key stays with the vendor"
    );
    assert!(config.providers["openai"].key.is_some());
}

#[test]
fn every_mistake_of_profiles_and_providers_is_told_with_the_line_that_mends_it() {
    let file = file(
        "[profiles.reception]\n\
         greting = \"Hello\"\n\
         languages = [\"english\"]\n\
         transcribers = [\"deepgram\"]\n\
         thinkers = [\"elevenlabs\", \"nobody\"]\n\
         speakers = []\n\
         tools = [\"fly\"]\n\
         knowledge = [\"missing.md\"]\n\
         [profiles.reception.turn]\n\
         min_pause_ms = \"short\"\n\
         [providers.ollama]\n\
         base_url = \"localhost\"\n",
    );

    let mistakes =
        Config::read(Mode::Dev, &flags(&file), &Environment::default()).expect_err("all is wrong");

    let text = mistakes.to_string();
    for part in [
        "patchbay.toml:2 (profiles.reception.greting) is not accepted: unknown field",
        "fix: remove line 2, or correct the name",
        "patchbay.toml:3 (profiles.reception.languages) is not accepted",
        "fix: languages = [\"en\"]",
        "the provider `deepgram` is used and has no key",
        "fix: DEEPGRAM_API_KEY=",
        "(profiles.reception.thinkers) names `elevenlabs`, which cannot do that",
        "(profiles.reception.thinkers) names `nobody`, which is no provider",
        "fix: thinkers = [\"offline\", \"openai\"]",
        "patchbay.toml:6 (profiles.reception.speakers) is empty",
        "(profiles.reception.tools) names `fly`",
        "(profiles.reception.knowledge.0) names missing.md, which cannot be read",
        "patchbay.toml:10 (profiles.reception.turn.min_pause_ms) is not accepted: invalid type",
        "fix: min_pause_ms = 300",
        "(providers.ollama.kind) is missing",
    ] {
        assert!(text.contains(part), "`{part}` in:\n{text}");
    }
}

#[test]
fn a_publishable_key_is_bound_to_origins() {
    let digest = "0".repeat(64);
    let file = file(&format!(
        "[[keys]]\nname = \"page\"\nsha256 = \"{digest}\"\norigins = [\"https://Www.Example.com/\"]\n"
    ));

    let key = ("PATCHBAY_API_KEY", "0123456789abcdef");
    let config = Config::read(Mode::Dev, &flags(&file), &Environment::from_iter([key]))
        .expect("all is right");

    let Access::Keys(keys) = config.access else {
        panic!("there are keys")
    };
    let page = &keys[0];
    assert!(page.kind.admits("https://www.example.com"));
    assert!(!page.kind.admits("https://elsewhere.example"));
    assert!(!page.opens(Scope::Read));
}

proptest::proptest! {
    #[test]
    fn no_file_and_no_value_makes_reading_panic(text: String, value: String) {
        let mut mistakes = Mistakes::default();
        let file = File::parse(std::path::Path::new("patchbay.toml"), &text, &mut mistakes);
        let environment = Environment::from_iter([("PATCHBAY_LISTEN", value)]);
        let flags = Flags::default();
        let mut reader = Reader::new(&flags, &environment, file, mistakes);

        Listen::read(&mut reader, Mode::Dev);
        reader.finish();
    }
}

struct TemporaryFile(tempfile::TempDir);

fn file(text: &str) -> TemporaryFile {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let mut file = std::fs::File::create(folder.path().join("patchbay.toml")).expect("it is ours");
    file.write_all(text.as_bytes())
        .expect("the disk is not full");
    TemporaryFile(folder)
}

fn flags(file: &TemporaryFile) -> Flags {
    let path = file.0.path().join("patchbay.toml");
    Flags {
        config: Some(path.display().to_string()),
        ..Flags::default()
    }
}

#[test]
fn a_postgres_address_is_taken_and_a_wrong_one_told_without_its_password() {
    let good =
        Environment::from_iter([("DATABASE_URL", "postgres://ada:s3cret@db.example/patchbay")]);
    let bad = Environment::from_iter([("DATABASE_URL", "postgres://ada:s3cret@/")]);

    let config = Config::read(Mode::Dev, &Flags::default(), &good).expect("it is right");
    let mistakes = Config::read(Mode::Dev, &Flags::default(), &bad).expect_err("it has no host");

    assert_eq!(
        config.database.to_string(),
        "patchbay of PostgreSQL at db.example"
    );
    let text = mistakes.to_string();
    assert!(text.contains("fix: DATABASE_URL=postgres://"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn who_may_be_called_is_read_and_nonsense_is_told() {
    let good = file(
        "[dialling]\n\
         countries = [\"CH\"]\n\
         [dialling.caps]\n\
         at_once = 3\n\
         [records]\n\
         numbers = \"none\"\n",
    );
    let bad = file(
        "[dialling]\n\
         countries = [\"Switzerland\"]\n\
         home = \"XX\"\n\
         blocked_prefixes = [\"0900\"]\n\
         open_prefixes = [\"+\"]\n\
         enable = true\n\
         [dialling.caps]\n\
         at_once = -1\n",
    );
    let read = |file| Config::read(Mode::Dev, &flags(file), &Environment::default());

    let config = read(&good).expect("it is right");
    let mistakes = read(&bad).expect_err("all is wrong");

    assert_eq!(config.dialling.countries, ["CH"]);
    assert_eq!(config.dialling.caps.at_once, 3);
    assert_eq!(config.dialling.caps.per_day, Policy::default().caps.per_day);
    assert_eq!(config.records.numbers, crate::dial::Keeping::None);
    let text = mistakes.to_string();
    for part in [
        "(dialling.countries) names `Switzerland`",
        "(dialling.home) is `XX`",
        "(dialling.blocked_prefixes) holds something else",
        "(dialling.open_prefixes) holds something else",
        "dialling.enable",
        "(dialling.caps.at_once) is not accepted",
    ] {
        assert!(text.contains(part), "`{part}` in:\n{text}");
    }
    assert_eq!(mistakes.iter().count(), 6, "{text}");
}

#[test]
fn nobody_may_be_called_by_default_but_who_does_not_exist_in_dev() {
    let read = |mode| {
        let environment = Environment::from_iter([
            ("LIVEKIT_URL", "wss://livekit.example.com"),
            ("LIVEKIT_API_KEY", "key"),
            ("LIVEKIT_API_SECRET", "secret"),
            ("PATCHBAY_API_KEY", "0123456789abcdef"),
        ]);
        Config::read(mode, &Flags::default(), &environment).expect("it is right")
    };

    let (dev, serve) = (read(Mode::Dev).dialling, read(Mode::Serve).dialling);

    assert_eq!(serve, Policy::default());
    assert_eq!(dev.open_prefixes, ["+1555", "+1500555"]);
    assert!(dev.countries.is_empty() && serve.countries.is_empty());
}

#[test]
fn a_website_connects_visitors_with_a_contact_by_id() {
    let file = file(
        "[phone.website]\ncontact = \"tom\"\n\
         [contacts.tom]\nname = \"Thomas\"\nlink = \"+41791234568\"\nphones = [\"+41791234567\"]\n",
    );

    let read = Config::read(Mode::Dev, &flags(&file), &Environment::default());

    let website = read.expect("it is right").phone.website;
    assert_eq!(website.contact.as_deref(), Some("+41791234567"));
    assert_eq!(website.contact_name, "Thomas");
}

#[test]
fn appointments_are_half_an_hour_unless_a_contact_says_otherwise() {
    let file = file(
        "[contacts.a]\nphones = [\"+41791234567\"]\n\
         [contacts.b]\nphones = [\"+41791234567\"]\nappointment_minutes = 0\n\
         [contacts.c]\nphones = [\"+41791234567\"]\nappointment_minutes = 45\n",
    );

    let read = Config::read(Mode::Dev, &flags(&file), &Environment::default());

    let contacts = read.expect("it is right").contacts;
    let minutes = contacts
        .iter()
        .map(|one| one.appointment.map(|minutes| minutes.get()));
    assert_eq!(minutes.collect::<Vec<_>>(), [Some(30), None, Some(45)]);
}

#[test]
fn a_website_is_read_with_its_pages_its_contact_and_its_agents() {
    let file = file(
        "[phone]\nconference = \"twilio\"\n\
         [phone.website]\norigins = [\"https://www.example.com/\"]\ncontact_name = \"Thomas\"\n\
         [phone.website.agents]\nagent_7 = \"nobody\"\n",
    );
    let environment = Environment::from_iter([("TARGET_PHONE_NUMBER", "+4930123456")]);

    let mistakes = Config::read(Mode::Dev, &flags(&file), &environment).expect_err("two are there");

    let text = mistakes.to_string();
    assert!(text.contains("TWILIO_TWIML_APP_SID=AP…"), "{text}");
    assert!(text.contains("names the profile `nobody`"), "{text}");
    assert_eq!(mistakes.iter().count(), 2, "{text}");
    let file = self::file("[phone.website]\norigins = [\"https://www.Example.com/\"]\n");
    let config = Config::read(Mode::Dev, &flags(&file), &environment).expect("it is right");
    let website = config.phone.website;
    assert_eq!(website.contact.as_deref(), Some("+4930123456"));
    assert!(website.trusts("https://www.example.com"));
    assert!(!website.trusts("https://www.example.com.evil.example"));
}
