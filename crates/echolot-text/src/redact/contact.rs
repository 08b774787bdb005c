//! E-mail addresses, and links that carry a secret or a person.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Also finds the disguises `name (at) firma (punkt) de` and `name[ät]firma.de`.
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        [\p{L}\p{N}_%+-] [\p{L}\p{N}._%+'-]*
        (?: @ | \s? [(\[{] \s? (?: at | ät | @ ) \s? [)\]}] \s? )
        (?: [\p{L}\p{N}] [\p{L}\p{N}-]* (?: \. | \s? [(\[{] \s? (?: dot | punkt | \. ) \s? [)\]}] \s? ) )+
        \p{L}{2,24}",
    )
    .expect("the pattern is valid")
});

/// A link with a scheme or `www.`, or a host without either but with a query.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?ix)
        (?: https? | wss? | s?ftp ) :// [^\s<>"]+
        | www\. [^\s<>"]+
        | [\p{L}\p{N}-]+ (?: \. [\p{L}\p{N}-]+ )+ (?: : \d+ )? (?: / [^\s<>"?]* )? \? [^\s<>"]+"#,
    )
    .expect("the pattern is valid")
});

/// Names of query parameters, or words of such names, whose value is a secret
/// or names a person.
const TELLING: &[&str] = &[
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "credential",
    "credentials",
    "customerid",
    "email",
    "iban",
    "jsessionid",
    "jwt",
    "key",
    "kundennummer",
    "login",
    "mail",
    "otp",
    "pass",
    "passwd",
    "passwort",
    "password",
    "phone",
    "phpsessid",
    "pin",
    "pwd",
    "secret",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "tel",
    "telefon",
    "token",
    "user",
    "userid",
    "username",
];

pub(super) fn emails(text: &str) -> Vec<Range<usize>> {
    // Every address has an `@` or a bracket; most texts have neither.
    if !text.contains(['@', '(', '[', '{']) {
        return vec![];
    }
    EMAIL.find_iter(text).map(|found| found.range()).collect()
}

pub(super) fn urls_with_secrets(text: &str) -> Vec<Range<usize>> {
    if !text.contains(['?', '@', '=']) {
        return vec![];
    }
    let links = URL.find_iter(text).map(|found| {
        // Punctuation at the end belongs to the sentence.
        let link = found.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        found.start()..found.start() + link.len()
    });
    links.filter(|range| is_telling(&text[range.clone()])).collect()
}

fn is_telling(link: &str) -> bool {
    let after_scheme = link.split_once("://").map_or(link, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or("");
    if authority.contains('@') {
        return true;
    }
    let Some((_, parameters)) = after_scheme.split_once(['?', '#', ';']) else { return false };
    parameters.split(['&', ';', '?', '#']).any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else { return false };
        let name = name.to_lowercase();
        let words = name.split(|c: char| !c.is_alphanumeric());
        !value.is_empty()
            && (words.clone().any(|word| TELLING.contains(&word))
                || TELLING.contains(&words.collect::<String>().as_str())
                || name.ends_with("token"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(find: fn(&str) -> Vec<Range<usize>>, text: &str) -> Vec<&str> {
        find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn addresses_in_all_their_disguises() {
        for (text, expected) in [
            ("Mail an max.mustermann@gmx.de.", "max.mustermann@gmx.de"),
            ("Kontakt:info@firma-süd.de, bitte", "info@firma-süd.de"),
            ("<o'neil+x@mail.example.co.uk>", "o'neil+x@mail.example.co.uk"),
            ("max (at) firma (punkt) de bitte", "max (at) firma (punkt) de"),
            ("max[ät]web.de", "max[ät]web.de"),
            ("jörg@müller.de", "jörg@müller.de"),
        ] {
            assert_eq!(found(emails, text), [expected], "{text}");
        }
    }

    #[test]
    fn what_is_no_address() {
        for text in
            ["@DB_Info @telekom.hilft", "3 Stück @ 4,50", "foo@bar", "Bahn (at work)", "a@b.c"]
        {
            assert_eq!(found(emails, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn links_with_secrets() {
        for (text, expected) in [
            ("(https://x.de/reset?token=abc).", "https://x.de/reset?token=abc"),
            ("http://max:geheim@x.de/a", "http://max:geheim@x.de/a"),
            ("www.x.de/?a=1&access_token=9!", "www.x.de/?a=1&access_token=9"),
            ("x.de/konto?E-Mail=a%40b.de", "x.de/konto?E-Mail=a%40b.de"),
            ("https://x.de/cb#id_token=ey", "https://x.de/cb#id_token=ey"),
            ("https://x.de/a;jsessionid=1F", "https://x.de/a;jsessionid=1F"),
            ("https://x.de/?userToken=1", "https://x.de/?userToken=1"),
        ] {
            assert_eq!(found(urls_with_secrets, text), [expected], "{text}");
        }
    }

    #[test]
    fn ordinary_links() {
        for text in [
            "https://x.de/a?page=2&sort=price",
            "https://x.de/@max",
            "https://x.de/token/",
            "www.x.de/?monkey=1&keyboard=2&token=",
            "Warum nicht? a=b",
        ] {
            assert_eq!(found(urls_with_secrets, text), [""; 0], "{text}");
        }
    }
}
