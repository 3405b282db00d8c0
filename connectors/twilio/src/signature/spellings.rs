//! The ways in which Twilio may have written a URL that it signed.

/// Whether a slash at the end of the path is tried both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slash {
    /// As the URL has it.
    AsItIs,
    /// Twilio's documents advise both for WebSockets.
    WithAndWithout,
}

/// Returns the spellings of a URL, each once: with its port, or the scheme's when it has none, and without; an
/// apostrophe in the query as it is and encoded; with and without a slash at the end of the path where asked for.
pub(super) fn spellings(url: &str, slash: Slash) -> Vec<String> {
    let url = url.split('#').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path_and_query) = rest.split_at(end);
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (path_and_query, String::new()),
    };
    let mut found: Vec<String> = Vec::new();
    for authority in authorities(scheme, authority) {
        for path in paths(path, slash) {
            for query in [query.clone(), query.replace('\'', "%27")] {
                let spelling = format!("{scheme}://{authority}{path}{query}");
                if !found.contains(&spelling) {
                    found.push(spelling);
                }
            }
        }
    }
    found
}

fn authorities(scheme: &str, authority: &str) -> Vec<String> {
    let host_at = authority.rfind('@').map_or(0, |at| at + 1);
    // An IPv6 address has colons of its own, in brackets.
    let port_at = authority[host_at..]
        .rfind([':', ']'])
        .map(|at| host_at + at)
        .filter(|&at| authority[at..].starts_with(':'));
    match port_at {
        Some(at) => vec![authority.to_owned(), authority[..at].to_owned()],
        None => {
            let port = if matches!(scheme, "https" | "wss") {
                443
            } else {
                80
            };
            vec![authority.to_owned(), format!("{authority}:{port}")]
        }
    }
}

fn paths(path: &str, slash: Slash) -> Vec<String> {
    let other = match (slash, path.strip_suffix('/')) {
        (Slash::AsItIs, _) => return vec![path.to_owned()],
        (Slash::WithAndWithout, Some(without)) => without.to_owned(),
        (Slash::WithAndWithout, None) => format!("{path}/"),
    };
    vec![path.to_owned(), other]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_tried_with_and_without() {
        let with = spellings("https://ann:pw@phone.example/a?b=c#d", Slash::AsItIs);
        let without = spellings("http://[::1]:8080/a", Slash::AsItIs);
        let bare = spellings("http://[::1]", Slash::AsItIs);

        assert_eq!(
            with,
            [
                "https://ann:pw@phone.example/a?b=c",
                "https://ann:pw@phone.example:443/a?b=c"
            ]
        );
        assert_eq!(without, ["http://[::1]:8080/a", "http://[::1]/a"]);
        assert_eq!(bare, ["http://[::1]", "http://[::1]:80"]);
    }

    #[test]
    fn a_sockets_slash_is_tried_with_and_without() {
        let spellings = spellings("wss://phone.example/media", Slash::WithAndWithout);

        assert_eq!(
            spellings,
            [
                "wss://phone.example/media",
                "wss://phone.example/media/",
                "wss://phone.example:443/media",
                "wss://phone.example:443/media/",
            ]
        );
    }

    #[test]
    fn an_apostrophe_is_tried_as_it_is_and_encoded() {
        let spellings = spellings("https://phone.example:443/a?b=it's", Slash::AsItIs);

        assert!(spellings.contains(&"https://phone.example/a?b=it%27s".to_owned()));
        assert_eq!(spellings.len(), 4);
    }

    #[test]
    fn what_is_no_url_stays_as_it_is() {
        assert_eq!(spellings("nothing", Slash::WithAndWithout), ["nothing"]);
    }
}
