//! `patchbay key`: makes, lists and revokes API keys.

use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use sha2::{Digest, Sha256};

use super::line::{KeyLine, KeyOrder};
use super::serve::{open_records, prepare_data_dir};
use super::{fail, refuse, say};
use crate::config::{ApiKey, Config, Environment, KeyKind, Mode, Scope};
use crate::store::{NewKey, Store};

/// Random bits of a key: as many as nobody can guess.
const KEY_BYTES: usize = 20;

pub(super) fn run(line: KeyLine) -> ExitCode {
    // Dev asks for the least; where records are does not depend on the mode.
    let config = match Config::read(Mode::Dev, &line.flags.into(), &Environment::of_process()) {
        Ok(config) => config,
        Err(mistakes) => return refuse(&mistakes),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(carry_out(&config, line.order)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn carry_out(config: &Config, order: KeyOrder) -> anyhow::Result<()> {
    prepare_data_dir(config)?;
    let store = open_records(config).await?.store;
    match order {
        KeyOrder::Create {
            name,
            scopes,
            origins,
        } => create(&store, name, &scopes, &origins).await,
        KeyOrder::List => list(&store).await,
        KeyOrder::Revoke { id } => {
            if !store.revoke_key(&id).await? {
                bail!("there is no valid key `{id}`; see `patchbay key list`");
            }
            say(&format!("{id} opens nothing any more\n"));
            Ok(())
        }
    }
}

async fn create(
    store: &Store,
    name: String,
    scopes: &[String],
    origins: &[String],
) -> anyhow::Result<()> {
    let scopes = scopes
        .iter()
        .map(|name| scope(name))
        .collect::<Result<_, _>>()?;
    let origins: Vec<String> = origins
        .iter()
        .map(|text| {
            KeyKind::origin(text)
                .with_context(|| format!("`{text}` is no origin: https://www.example.com is one"))
        })
        .collect::<Result<_, _>>()?;
    let (prefix, kind) = if origins.is_empty() {
        ("pb_", KeyKind::Secret)
    } else {
        ("pbp_", KeyKind::Publishable { origins })
    };

    let secret = format!("{prefix}{}", random_hex()?);
    let digest = ApiKey::digest(&secret);
    let id = id_of(&digest);
    let key = ApiKey {
        name,
        digest,
        scopes,
        kind,
    };
    store
        .keep_key(&NewKey {
            id: id.clone(),
            key,
        })
        .await?;
    say(&format!(
        "{secret}\n\nThis is the only time it is shown. Its id is {id}.\n"
    ));
    Ok(())
}

async fn list(store: &Store) -> anyhow::Result<()> {
    for record in store.keys().await? {
        let key = &record.key;
        let may: Vec<_> = match &key.kind {
            KeyKind::Secret => key.scopes.iter().map(|scope| scope.name()).collect(),
            KeyKind::Publishable { origins } => origins.iter().map(String::as_str).collect(),
        };
        let state = if record.revoked_at.is_some() {
            "revoked"
        } else {
            key.kind.name()
        };
        say(&format!(
            "{}  {state}  {}  {}\n",
            record.id,
            may.join(","),
            key.name
        ));
    }
    Ok(())
}

fn scope(name: &str) -> anyhow::Result<Scope> {
    let names = Scope::ALL.map(Scope::name);
    Scope::named(name)
        .ok_or_else(|| anyhow!("`{name}` is no scope; there are: {}", names.join(", ")))
}

fn random_hex() -> anyhow::Result<String> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no randomness: {error}"))?;
    Ok(hex(&bytes))
}

/// Tells keys apart without telling anything of them.
fn id_of(digest: &[u8; 32]) -> String {
    let twice = Sha256::digest(digest);
    format!("key-{}", hex(&twice[..6]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
