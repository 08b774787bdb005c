//! `echolot themes`: recurring issues and praise by volume.

use std::io::Write;

use echolot_engine::{ThemeQuestion, open_snapshot};

use super::print_json;
use crate::args::ThemesArgs;
use crate::filters::polarity;
use crate::wire::ThemesJson;
use crate::{Exit, table};

pub(super) fn themes(args: &ThemesArgs) -> anyhow::Result<Exit> {
    let snapshot = open_snapshot(&args.data.data)?;
    let list = snapshot.themes(&ThemeQuestion {
        filter: args.filter.filter()?,
        polarity: polarity(args.polarity.as_deref())?,
        limit: Some(args.limit),
        examples: if args.json { 3 } else { 1 },
    })?;
    if args.json {
        return print_json(&ThemesJson::new(snapshot.generation(), list));
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} of {} themes in {} verbatims ({} with an opinion, {} of them in no theme)\n",
        list.rows.len(),
        list.total,
        list.verbatims,
        list.with_opinion,
        list.without_theme
    )?;
    let mut rows = table::plain(
        &["theme", "name", "topic", "polarity", "volume", "share", "in customers' words"],
        &[0, 4, 5],
    );
    for row in list.rows {
        rows.add_row([
            row.theme.id.to_string(),
            row.theme.label,
            row.theme.topic.to_string(),
            row.theme.polarity.to_string(),
            row.volume.to_string(),
            table::share_with_interval(row.share),
            row.examples
                .first()
                .map_or_else(table::dash, |example| table::one_line(&example.quote, 100)),
        ]);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    Ok(Exit::Done)
}
