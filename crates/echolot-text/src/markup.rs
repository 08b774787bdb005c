//! HTML tags and character references in text that was meant to be plain.

/// What a piece of markup stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing a reader sees: `<b>`.
    Nothing,
    /// A gap between words: `<td>`.
    Space,
    /// The end of a line: `<br>`, `</p>`.
    Break,
    /// One character: `&auml;`.
    Char(char),
}

/// Tags that end a line.
const BLOCKS: &[&str] = &[
    "article",
    "blockquote",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "thead",
    "title",
    "tr",
    "ul",
];
/// Tags that part words but not lines.
const CELLS: &[&str] = &["button", "img", "input", "label", "option", "select", "td", "th"];
/// Tags that change only how words look.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "big", "body", "cite", "code", "del", "em", "font", "head", "html", "i",
    "ins", "kbd", "link", "mark", "meta", "nobr", "q", "s", "samp", "script", "small", "span",
    "strike", "strong", "style", "sub", "sup", "tt", "u", "var", "wbr",
];

/// Longest tag taken for one, so that a lone `<a` in a long text costs little.
const MAX_TAG_BYTES: usize = 4096;

/// Reads the markup at the beginning of `rest`: its length in bytes and its
/// meaning. Anything that is not a known tag or reference is text, so
/// `a < b` and `R&B` stay as they are.
pub(crate) fn read_markup(rest: &str) -> Option<(usize, Meaning)> {
    match rest.as_bytes().first()? {
        b'<' => read_tag(rest),
        b'&' => read_escaped_tag(rest).or_else(|| read_reference(rest)),
        _ => None,
    }
}

fn read_tag(rest: &str) -> Option<(usize, Meaning)> {
    if rest.starts_with("<!--") {
        // A comment ends at its mark or, unclosed, is text.
        let window = &rest.as_bytes()[..rest.len().min(MAX_TAG_BYTES)];
        let end = window.windows(3).position(|bytes| bytes == b"-->")?;
        return Some((end + 3, Meaning::Nothing));
    }
    let body = &rest.as_bytes()[1..rest.len().min(MAX_TAG_BYTES)];
    let end = body.iter().position(|&byte| byte == b'>' || byte == b'<')?;
    if body[end] == b'<' {
        return None;
    }
    let meaning = meaning_of(std::str::from_utf8(&body[..end]).ok()?)?;
    Some((end + 2, meaning))
}

/// `&lt;br /&gt;`: exports that were escaped twice carry line breaks so.
fn read_escaped_tag(rest: &str) -> Option<(usize, Meaning)> {
    let body = rest.strip_prefix("&lt;")?;
    let window = &body.as_bytes()[..body.len().min(12)];
    let end = window.iter().position(|&byte| byte == b'&')?;
    body[end..].starts_with("&gt;").then_some(())?;
    let meaning = meaning_of(&body[..end])?;
    Some(("&lt;".len() + end + "&gt;".len(), meaning))
}

/// The meaning of what stands between `<` and `>`, if that is a tag: a known
/// name with nothing or with attributes behind it. `<b and c>` is none.
fn meaning_of(tag: &str) -> Option<Meaning> {
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let name_end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    let attributes = tag[name_end..].trim_end_matches('/');
    let starts_apart = attributes.starts_with(char::is_whitespace);
    let has_attributes = starts_apart && attributes.contains('=');
    if !attributes.trim().is_empty() && !has_attributes {
        return None;
    }
    let name = tag[..name_end].to_ascii_lowercase();
    let is_in = |names: &[&str]| names.contains(&name.as_str());
    if is_in(BLOCKS) {
        Some(Meaning::Break)
    } else if is_in(CELLS) {
        Some(Meaning::Space)
    } else {
        is_in(INLINE).then_some(Meaning::Nothing)
    }
}

fn read_reference(rest: &str) -> Option<(usize, Meaning)> {
    // A reference escaped twice, `&amp;quot;`, is read through to the end.
    let mut skipped = 1;
    while rest[skipped..].starts_with("amp;") {
        skipped += "amp;".len();
    }
    let (len, char) =
        read_name(&rest[skipped..]).map_or((skipped, '&'), |(len, char)| (skipped + len, char));
    (len > 1).then_some((len, Meaning::Char(char)))
}

/// The character named by `auml;`, `#228;` or `#xe4;`, with the length.
fn read_name(rest: &str) -> Option<(usize, char)> {
    let window = &rest.as_bytes()[..rest.len().min(10)];
    let end = window.iter().position(|&byte| byte == b';')?;
    let name = &rest[..end];
    let char = if let Some(hex) = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
        char::from_u32(u32::from_str_radix(digits(hex)?, 16).ok()?)?
    } else if let Some(decimal) = name.strip_prefix('#') {
        char::from_u32(digits(decimal)?.parse().ok()?)?
    } else {
        NAMED.iter().find(|(known, _)| *known == name)?.1
    };
    Some((end + 1, char))
}

/// Numbers may not carry a sign, which the parsers of the standard library allow.
fn digits(number: &str) -> Option<&str> {
    number.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(number)
}

/// The named references met in text, from the HTML standard.
const NAMED: &[(&str, char)] = &[
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("shy", '\u{ad}'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("sect", '§'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("deg", '°'),
    ("micro", 'µ'),
    ("para", '¶'),
    ("plusmn", '±'),
    ("times", '×'),
    ("divide", '÷'),
    ("middot", '·'),
    ("bull", '•'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("sup1", '¹'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("minus", '−'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("iexcl", '¡'),
    ("iquest", '¿'),
    ("acute", '´'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("aring", 'å'),
    ("aelig", 'æ'),
    ("ccedil", 'ç'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("igrave", 'ì'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ntilde", 'ñ'),
    ("ograve", 'ò'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("oslash", 'ø'),
    ("oelig", 'œ'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("yacute", 'ý'),
    ("yuml", 'ÿ'),
    ("Agrave", 'À'),
    ("Aacute", 'Á'),
    ("Acirc", 'Â'),
    ("Atilde", 'Ã'),
    ("Aring", 'Å'),
    ("AElig", 'Æ'),
    ("Ccedil", 'Ç'),
    ("Egrave", 'È'),
    ("Eacute", 'É'),
    ("Ecirc", 'Ê'),
    ("Euml", 'Ë'),
    ("Igrave", 'Ì'),
    ("Iacute", 'Í'),
    ("Icirc", 'Î'),
    ("Iuml", 'Ï'),
    ("Ntilde", 'Ñ'),
    ("Ograve", 'Ò'),
    ("Oacute", 'Ó'),
    ("Ocirc", 'Ô'),
    ("Otilde", 'Õ'),
    ("Oslash", 'Ø'),
    ("OElig", 'Œ'),
    ("Ugrave", 'Ù'),
    ("Uacute", 'Ú'),
    ("Ucirc", 'Û'),
    ("hearts", '♥'),
    ("check", '✓'),
    ("rarr", '→'),
    ("larr", '←'),
    ("zwj", '\u{200d}'),
    ("zwnj", '\u{200c}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_from_comparisons() {
        for (text, expected) in [
            ("<br>x", Some((4, Meaning::Break))),
            ("<BR />", Some((6, Meaning::Break))),
            ("</p>", Some((4, Meaning::Break))),
            ("<a href=\"x\">", Some((12, Meaning::Nothing))),
            ("<td>", Some((4, Meaning::Space))),
            ("<!-- x -->y", Some((10, Meaning::Nothing))),
            ("&lt;br /&gt;", Some((12, Meaning::Break))),
            ("<b and c>", None),
            ("< b>", None),
            ("<3", None),
            ("<b", None),
            ("<Preis>", None),
            ("<a <b>", None),
            ("<!-- x", None),
            ("<ä>", None),
        ] {
            assert_eq!(read_markup(text), expected, "{text}");
        }
    }

    #[test]
    fn references_are_told_from_ampersands() {
        for (text, expected) in [
            ("&auml;", Some((6, Meaning::Char('ä')))),
            ("&#228;", Some((6, Meaning::Char('ä')))),
            ("&#xE4;x", Some((6, Meaning::Char('ä')))),
            ("&amp;", Some((5, Meaning::Char('&')))),
            ("&amp;quot;", Some((10, Meaning::Char('"')))),
            ("&amp;amp; x", Some((9, Meaning::Char('&')))),
            ("&amp;co", Some((5, Meaning::Char('&')))),
            ("&B", None),
            ("& ;", None),
            ("&auml", None),
            ("&unknown;", None),
            ("&#xD800;", None),
            ("&#+65;", None),
            ("&#;", None),
            ("&ä;", None),
        ] {
            assert_eq!(read_markup(text), expected, "{text}");
        }
    }

    #[test]
    fn every_name_fits_the_window() {
        assert!(NAMED.iter().all(|(name, _)| name.len() < 10));
    }
}
