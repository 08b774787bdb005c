//! Which column means which field, by its German or English name.

use echolot_index::{STAGE_ATTRIBUTE, TOUCHPOINT_ATTRIBUTE};

use super::{IngestError, SourceOptions};

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Id,
    Text,
    Title,
    Turns,
    Reply,
    RepliedAt,
    Source,
    Channel,
    CreatedAt,
    Product,
    Release,
    Rating,
    Nps,
    Csat,
    Ces,
    Respondent,
    Language,
    Url,
    Attributes,
}

/// Every field with its own name and the other names it goes by.
///
/// Names are in the form of [`key`]: lower case letters and digits only, with
/// umlauts spelled out. They come from the exports of app stores, review
/// portals, survey tools and help desks.
const NAMES: [(Field, &str, &str); 19] = [
    (
        Field::Id,
        "id",
        "uuid guid reviewid feedbackid ticketid ticketnummer ticketnumber ticketnr caseid \
         casenumber fallnummer vorgangsnummer responseid answerid antwortid commentid \
         kommentarid rezensionsid bewertungsid conversationid chatid messageid nachrichtid \
         postid tweetid docid",
    ),
    (
        Field::Text,
        "text",
        "verbatim comment comments kommentar kommentare kommentartext reviewtext review \
         reviewbody reviewcontent bewertungstext rezension rezensionstext content inhalt body \
         message nachricht nachrichtentext feedback feedbacktext freitext freetext opentext \
         openended offeneantwort meinung anmerkung anmerkungen bemerkung bemerkungen \
         beschreibung description posttext post tweet caption rueckmeldung anliegen \
         beschwerde beschwerdetext complaint wortlaut emailtext mailtext customercomment \
         kundenkommentar kundenfeedback",
    ),
    (
        Field::Title,
        "title",
        "titel ueberschrift headline subject betreff summary reviewtitle bewertungstitel \
         rezensionstitel",
    ),
    (
        Field::Turns,
        "turns",
        "messages nachrichten transcript transkript dialog dialogue conversation konversation \
         chatverlauf gespraechsverlauf verlauf",
    ),
    (
        Field::Reply,
        "reply",
        "antwort replytext replycontent developerreply developerreplytext developerresponse \
         entwicklerantwort antwortdesentwicklers ownerreply ownerresponse antwortdesinhabers \
         companyreply agentreply response antworttext unsereantwort",
    ),
    (
        Field::RepliedAt,
        "replied_at",
        "replydate replytime replyat antwortdatum antwortzeit beantwortetam antwortam \
         responsedate responsetime developerreplydate developerreplydateandtime \
         developerresponsedate",
    ),
    (
        Field::Source,
        "source",
        "quelle datenquelle plattform platform portal bewertungsportal store",
    ),
    (Field::Channel, "channel", "kanal kontaktkanal eingangskanal kontaktart"),
    (
        Field::CreatedAt,
        "created_at",
        "created createdon createddate creationdate date datetime datum datumuhrzeit at time \
         timestamp zeitstempel zeitpunkt zeit erstelltam erstellt erstelldatum \
         erstellungsdatum bewertungsdatum rezensionsdatum reviewdate reviewedat \
         reviewsubmitdateandtime submittedat submitdate submissiondate submitted publishedat \
         published publisheddate veroeffentlichtam eingangsdatum eingang eingegangenam \
         antwortvom befragungsdatum recordeddate surveydate postedat posted sentat gesendetam \
         receivedat receiveddate opened openedat",
    ),
    (
        Field::Product,
        "product",
        "produkt produktname productname app appname appid packagename artikel artikelname \
         artikelbezeichnung itemname dienstleistung marke brand",
    ),
    (
        Field::Release,
        "release",
        "version appversion appversionname appversionsname softwareversion firmware \
         firmwareversion produktversion productversion programmversion reviewcreatedversion \
         releaseversion versionsnummer versionnumber",
    ),
    (
        Field::Rating,
        "rating",
        "ratings stars star sterne stern starrating sternebewertung anzahlsterne bewertung \
         bewertunginsternen gesamtbewertung gesamteindruck reviewrating overallrating overall \
         ratingvalue",
    ),
    (
        Field::Nps,
        "nps",
        "npsscore npswert npsanswer npsantwort npsrating npsbewertung netpromoterscore \
         recommend recommendation likelihoodtorecommend ltr empfehlung weiterempfehlung \
         weiterempfehlungsbereitschaft empfehlungsbereitschaft empfehlungswahrscheinlichkeit",
    ),
    (
        Field::Csat,
        "csat",
        "csatscore csatwert satisfaction satisfactionscore overallsatisfaction zufriedenheit \
         kundenzufriedenheit gesamtzufriedenheit zufriedenheitswert",
    ),
    (
        Field::Ces,
        "ces",
        "cesscore ceswert customereffortscore effort effortscore customereffort aufwand \
         kundenaufwand",
    ),
    (
        Field::Respondent,
        "respondent",
        "respondentid kunde kundin kundennummer kundennr kundenid customer customerid \
         customernumber client clientid user userid username nutzer nutzerid nutzername \
         benutzer benutzername benutzerid author authorid authorname autor verfasser \
         verfasserin reviewer reviewerid reviewername rezensent teilnehmer teilnehmerid \
         participant participantid befragter befragtenid contactid kontaktid member memberid \
         mitgliedsnummer panelistid",
    ),
    (Field::Language, "language", "lang sprache languagecode sprachcode locale reviewerlanguage"),
    (Field::Url, "url", "link permalink weblink href uri reviewurl reviewlink quelllink"),
    (Field::Attributes, "attributes", "attribute metadata metadaten extra"),
];

/// Survey questions that stand in headers as they were asked: the field is
/// meant when one phrase holds all its parts.
const QUESTIONS: [(Field, &[&str]); 13] = [
    (Field::Nps, &["wahrscheinlich", "empfehl"]),
    (Field::Nps, &["howlikely", "recommend"]),
    (Field::Csat, &["wiezufrieden"]),
    (Field::Csat, &["howsatisfied"]),
    (Field::Ces, &["wieeinfach"]),
    (Field::Ces, &["einfachgemacht"]),
    (Field::Ces, &["howeasy"]),
    (Field::Ces, &["madeiteasy"]),
    (Field::Text, &["hauptgrund"]),
    (Field::Text, &["mainreason"]),
    (Field::Text, &["waskoennenwir"]),
    (Field::Text, &["whatcanwe"]),
    (Field::Text, &["howcanwe"]),
];

/// Attributes that questions know by name, and names of columns that stand for
/// them.
const KNOWN_ATTRIBUTES: [(&str, &str); 2] = [
    (STAGE_ATTRIBUTE, "journeystage journeyphase customerjourneystage customerjourneyphase"),
    (TOUCHPOINT_ATTRIBUTE, "touchpoint kontaktpunkt beruehrungspunkt"),
];

/// Names of a reply that mean the customer's own answer in a survey export,
/// where no other column holds the text.
const ANSWERS: [&str; 3] = ["antwort", "response", "antworttext"];

impl Field {
    /// The name of the field in our own files.
    pub(super) fn name(self) -> &'static str {
        NAMES[self as usize].1
    }

    fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, own, _)| *own == name).map(|(field, ..)| *field)
    }

    /// The field whose own name the column bears, written in any manner.
    fn from_own_key(key: &str) -> Option<Self> {
        let is_own = |own: &str| own.bytes().filter(|&byte| byte != b'_').eq(key.bytes());
        NAMES.iter().find(|(_, own, _)| is_own(own)).map(|(field, ..)| *field)
    }

    /// The field a column of another name stands for.
    fn from_other_key(key: &str) -> Option<Self> {
        let by_name = NAMES.iter().find(|(.., others)| others.split(' ').any(|name| name == key));
        let is_asked = |parts: &[&str]| parts.iter().all(|part| key.contains(part));
        by_name.map(|(field, ..)| *field).or_else(|| {
            QUESTIONS.iter().find(|(_, parts)| is_asked(parts)).map(|(field, _)| *field)
        })
    }
}

/// What becomes of the values of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// They are checked as this field.
    Field(Field),
    /// They are kept under this name.
    Attribute(String),
}

/// The columns of a file with their meaning.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    names: Vec<String>,
    slots: Vec<Slot>,
}

impl Layout {
    /// Decides what each column means. A field is given to at most one column:
    /// the one the configuration maps to it, else the one that bears its own
    /// name, else the first whose name stands for it. All others become
    /// attributes under their own names, made unique by a number; those that
    /// questions know by name get the name they know.
    pub(super) fn resolve(names: Vec<String>, options: &SourceOptions) -> Self {
        let keys: Vec<String> = names.iter().map(|name| key(name)).collect();
        let mut claims: Vec<Option<Field>> = vec![None; names.len()];
        let mut is_kept_apart = vec![false; names.len()];

        for (column, field) in &options.columns {
            let Some(field) = Field::from_name(field) else { continue };
            let position = names
                .iter()
                .position(|name| name.trim() == column.trim())
                .or_else(|| keys.iter().position(|other| *other == key(column)));
            match position {
                Some(at) if field == Field::Attributes => is_kept_apart[at] = true,
                Some(at) if claims[at].is_none() && !claims.contains(&Some(field)) => {
                    claims[at] = Some(field);
                }
                _ => {}
            }
        }
        for meaning in [Field::from_own_key, Field::from_other_key] {
            for (at, key) in keys.iter().enumerate() {
                if claims[at].is_some() || is_kept_apart[at] {
                    continue;
                }
                claims[at] = meaning(key).filter(|field| !claims.contains(&Some(*field)));
            }
        }
        let has_text = [Field::Text, Field::Turns].iter().any(|f| claims.contains(&Some(*f)));
        if !has_text
            && let Some(at) = claims.iter().position(|claim| *claim == Some(Field::Reply))
            && ANSWERS.contains(&keys[at].as_str())
        {
            claims[at] = Some(Field::Text);
        }
        let slots = slots(&names, &claims);
        Self { names, slots }
    }

    /// The columns as the file names them.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The meaning of each column.
    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The column that holds a field.
    pub(super) fn column_of(&self, field: Field) -> Option<&str> {
        let at = self.slots.iter().position(|slot| *slot == Slot::Field(field))?;
        Some(&self.names[at])
    }

    /// How many columns hold a field.
    pub(super) fn num_known(&self) -> usize {
        self.slots.iter().filter(|slot| matches!(slot, Slot::Field(_))).count()
    }

    /// Whether some column holds the customers' words.
    pub(super) fn has_text(&self) -> bool {
        [Field::Text, Field::Turns, Field::Title]
            .iter()
            .any(|field| self.column_of(*field).is_some())
    }

    /// The layout, or an error that lists the columns if none holds words.
    pub(super) fn with_text(self, name: &str) -> Result<Self, IngestError> {
        if self.has_text() {
            return Ok(self);
        }
        Err(IngestError::NoTextColumn { name: name.to_owned(), columns: self.names })
    }
}

/// What becomes of each column: attributes keep their own names, made unique.
fn slots(names: &[String], claims: &[Option<Field>]) -> Vec<Slot> {
    let mut taken: Vec<String> = Vec::new();
    let mut slots = Vec::with_capacity(names.len());
    for (at, (name, claim)) in names.iter().zip(claims).enumerate() {
        if let Some(field) = claim {
            slots.push(Slot::Field(*field));
            continue;
        }
        let key = key(name);
        let is_known = |(_, others): &&(_, &str)| others.split(' ').any(|other| other == key);
        let name = match (name.trim(), KNOWN_ATTRIBUTES.iter().find(is_known)) {
            (_, Some((known, _))) => (*known).to_owned(),
            ("", None) => format!("column_{}", at + 1),
            (name, None) => name.to_owned(),
        };
        let mut unique = name.clone();
        let mut number = 2;
        while taken.contains(&unique) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        taken.push(unique.clone());
        slots.push(Slot::Attribute(unique));
    }
    slots
}

/// Checks that the mapped fields exist.
pub(super) fn check_mapping(options: &SourceOptions) -> Result<(), IngestError> {
    let unknown = options.columns.iter().find(|(_, field)| Field::from_name(field).is_none());
    let Some((column, field)) = unknown else { return Ok(()) };
    let known: Vec<&str> = NAMES.iter().map(|(_, own, _)| *own).collect();
    Err(IngestError::UnknownField {
        column: column.clone(),
        field: field.clone(),
        known: known.join(", "),
    })
}

/// The letters and digits of a column name in lower case, umlauts spelled
/// out: `Erstellt am`, `erstellt_am` and `ERSTELLT-AM` are the same, and so
/// are `Überschrift` and `Ueberschrift`.
pub(super) fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' => key.push_str("ae"),
            'ö' => key.push_str("oe"),
            'ü' => key.push_str("ue"),
            'ß' => key.push_str("ss"),
            // The dots of an umlaut that is written as two characters.
            '\u{308}' => key.push('e'),
            c if c.is_alphanumeric() => key.push(c),
            _ => {}
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::{Expect, expect};

    use super::*;

    fn check(header: &str, mapping: &[(&str, &str)], expected: &Expect) {
        let columns: BTreeMap<String, String> =
            mapping.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        let options = SourceOptions { columns, ..SourceOptions::default() };
        let names = header.split('|').map(str::to_owned).collect();
        let layout = Layout::resolve(names, &options);
        let shown: Vec<String> = layout
            .names()
            .iter()
            .zip(layout.slots())
            .map(|(name, slot)| match slot {
                Slot::Field(field) => format!("{name} = {}", field.name()),
                Slot::Attribute(kept) => format!("{name} ~ {kept}"),
            })
            .collect();
        expected.assert_eq(&shown.join("\n"));
    }

    #[test]
    fn the_table_is_in_the_order_of_the_fields_and_no_name_stands_twice() {
        let mut seen: Vec<String> = Vec::new();
        for (at, (field, own, others)) in NAMES.iter().enumerate() {
            assert_eq!(*field as usize, at);
            assert_eq!(Field::from_name(own), Some(*field));
            for name in others.split(' ').chain([*own]) {
                let key = key(name);
                assert!(name == *own || key == name, "{name} is not in key form");
                assert!(!seen.contains(&key), "{name} stands twice");
                seen.push(key);
            }
        }
    }

    #[test]
    fn german_and_english_headers_are_understood_in_any_spelling() {
        check(
            "Erstellt am|BEWERTUNGSTEXT|Überschrift|Sterne|App_Version|Kunden-Nr.|Filiale",
            &[],
            &expect![[r"
                Erstellt am = created_at
                BEWERTUNGSTEXT = text
                Überschrift = title
                Sterne = rating
                App_Version = release
                Kunden-Nr. = respondent
                Filiale ~ Filiale"]],
        );
        check(
            "reviewId|userName|content|score|thumbsUpCount|reviewCreatedVersion|at|replyContent|repliedAt",
            &[],
            &expect![[r"
                reviewId = id
                userName = respondent
                content = text
                score ~ score
                thumbsUpCount ~ thumbsUpCount
                reviewCreatedVersion = release
                at = created_at
                replyContent = reply
                repliedAt = replied_at"]],
        );
    }

    #[test]
    fn an_umlaut_of_two_characters_is_one() {
        assert_eq!(key("U\u{308}berschrift"), key("Überschrift"));
        assert_eq!(key("Größe (cm)"), "groessecm");
    }

    #[test]
    fn survey_questions_are_understood_as_asked() {
        check(
            "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?|Was ist der Hauptgrund für Ihre Bewertung?|How satisfied are you overall?|They made it easy for me",
            &[],
            &expect![[r"
                Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen? = nps
                Was ist der Hauptgrund für Ihre Bewertung? = text
                How satisfied are you overall? = csat
                They made it easy for me = ces"]],
        );
    }

    #[test]
    fn the_mapping_wins_then_the_own_name_then_the_first() {
        check(
            "Kommentar|text|Datum|erstellt am|Q7",
            &[("q7", "rating"), ("Datum", "attributes")],
            &expect![[r"
                Kommentar ~ Kommentar
                text = text
                Datum ~ Datum
                erstellt am = created_at
                Q7 = rating"]],
        );
        check(
            "Feedback|Kommentar",
            &[],
            &expect![[r"
                Feedback = text
                Kommentar ~ Kommentar"]],
        );
    }

    #[test]
    fn an_answer_is_the_text_only_where_nothing_else_is() {
        check(
            "Frage|Antwort",
            &[],
            &expect![[r"
                Frage ~ Frage
                Antwort = text"]],
        );
        check(
            "Bewertungstext|Antwort",
            &[],
            &expect![[r"
                Bewertungstext = text
                Antwort = reply"]],
        );
    }

    #[test]
    fn attribute_names_are_unique() {
        check(
            "text|Ort||Ort|",
            &[],
            &expect![[r"
                text = text
                Ort ~ Ort
                 ~ column_3
                Ort ~ Ort_2
                 ~ column_5"]],
        );
    }

    #[test]
    fn a_mapping_to_a_field_that_does_not_exist_is_an_error() {
        let columns = BTreeMap::from([("Q7".to_owned(), "txt".to_owned())]);
        let error = check_mapping(&SourceOptions { columns, ..SourceOptions::default() });
        expect![[r"column `Q7` is mapped to `txt`, which is no field; the fields are id, text, title, turns, reply, replied_at, source, channel, created_at, product, release, rating, nps, csat, ces, respondent, language, url, attributes"]]
            .assert_eq(&error.unwrap_err().to_string());
    }
}
