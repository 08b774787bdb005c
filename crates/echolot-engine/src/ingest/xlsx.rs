//! XLSX workbooks: the first filled row of a sheet is the header.

use std::fmt::Write as _;
use std::io::BufReader;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType, Reader as _, Xlsx, XlsxError};
use echolot_core::Feedback;
use serde_json::Value;

use super::columns::{Field, Layout, Slot};
use super::item;
use super::{Delivered, Deliveries, IngestError, Intake, Reader, deliveries};

/// How many rows wait between the thread that reads and the one that asks.
const NUM_ROWS_WAITING: usize = 256;

/// Serial numbers of days end before the year 10000.
const LAST_SERIAL: f64 = 2_958_466.0;

pub(super) fn read(path: &Path, intake: Intake) -> Result<Deliveries, IngestError> {
    let file = fs_err::File::open(path).map_err(IngestError::Open)?;
    let workbook = Workbook::new(BufReader::new(file))
        .map_err(|source| Sheet::failed(&intake.name, 1, source))?;
    let sheets = workbook.sheet_names();
    let sheet = match &intake.options.sheet {
        Some(sheet) if !sheets.contains(sheet) => {
            let (name, sheet) = (intake.name, sheet.clone());
            return Err(IngestError::NoSheet { name, sheet, sheets });
        }
        Some(sheet) => sheet.clone(),
        None => sheets.first().cloned().unwrap_or_default(),
    };
    let place = format!("{}, sheet `{sheet}` of `{}`", intake.name, sheets.join("`, `"));
    let is_1904 = workbook.has_1904_epoch();
    let mut sheet = Sheet::open(workbook, sheet);
    let Some(header) = sheet.next_filled(&intake.name)? else {
        return Ok(Box::new(std::iter::empty()));
    };
    let names = header.cells.iter().map(|cell| shown(cell).trim().to_owned()).collect();
    let layout = Layout::resolve(names, &intake.options).with_text(&place)?;
    Ok(deliveries(SheetRows { sheet, layout, is_1904, intake }))
}

struct SheetRows {
    sheet: Sheet,
    layout: Layout,
    is_1904: bool,
    intake: Intake,
}

impl Reader for SheetRows {
    fn next_row(&mut self) -> Result<Option<Delivered>, IngestError> {
        let Some(row) = self.sheet.next_filled(&self.intake.name)? else { return Ok(None) };
        let raw: Vec<String> = row.cells.iter().map(shown).collect();
        let checked = self.item(row.cells);
        Ok(Some(self.intake.judge(row.number, checked, || raw.join("\t"))))
    }
}

impl SheetRows {
    fn item(&self, mut cells: Vec<Value>) -> Result<Feedback, String> {
        let expected = self.layout.names().len();
        if cells.iter().skip(expected).any(|cell| !cell.is_null()) {
            let found = cells.len();
            return Err(format!("the header names {expected} columns, but the row has {found}"));
        }
        cells.resize(expected, Value::Null);
        for (cell, slot) in cells.iter_mut().zip(self.layout.slots()) {
            if matches!(slot, Slot::Field(Field::CreatedAt | Field::RepliedAt)) {
                self.read_serial(cell);
            }
        }
        item::assemble(&self.layout, cells, &self.intake.options)
    }

    /// A plain number in a column of times is a serial number of days that
    /// lost its format, unless it is too large for one.
    fn read_serial(&self, cell: &mut Value) {
        if let Some(serial) = cell.as_f64().filter(|serial| (1.0..LAST_SERIAL).contains(serial)) {
            let time = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, self.is_1904);
            *cell = Value::String(iso(time));
        }
    }
}

type Workbook = Xlsx<BufReader<fs_err::File>>;

/// One row of a sheet with its number, from 1.
struct Row {
    number: u64,
    cells: Vec<Value>,
}

type SentRow = Result<Row, (u64, XlsxError)>;

/// The rows of a sheet. They are read by a thread of its own, because the
/// reader of cells borrows the workbook; at most [`NUM_ROWS_WAITING`] are held.
/// The thread ends when the sheet does or when nobody asks any more.
struct Sheet {
    rows: Receiver<SentRow>,
    thread: Option<JoinHandle<()>>,
}

impl Sheet {
    fn open(workbook: Workbook, sheet: String) -> Self {
        let (sender, rows) = sync_channel(NUM_ROWS_WAITING);
        let thread = thread::spawn(move || send_rows(workbook, &sheet, &sender));
        Self { rows, thread: Some(thread) }
    }

    /// The next row that is not blank.
    fn next_filled(&mut self, name: &str) -> Result<Option<Row>, IngestError> {
        loop {
            match self.rows.recv() {
                Ok(Ok(row)) if row.cells.iter().all(|cell| shown(cell).trim().is_empty()) => {}
                Ok(Ok(row)) => return Ok(Some(row)),
                Ok(Err((row, source))) => return Err(Self::failed(name, row, source)),
                Err(_) => {
                    let has_panicked = self.thread.take().is_some_and(|it| it.join().is_err());
                    if has_panicked {
                        let problem = "the workbook is damaged: its reader gave up";
                        return Err(IngestError::Format { name: name.to_owned(), problem });
                    }
                    return Ok(None);
                }
            }
        }
    }

    fn failed(name: &str, row: u64, source: XlsxError) -> IngestError {
        IngestError::Workbook { name: name.to_owned(), row, source: Box::new(source) }
    }
}

/// Sends the rows that have cells, in their order.
fn send_rows(mut workbook: Workbook, sheet: &str, rows: &SyncSender<SentRow>) {
    let mut row = Row { number: 1, cells: Vec::new() };
    let mut cells = match workbook.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        // Nobody listens when sending fails, so nothing is left to do.
        Err(error) => return drop(rows.send(Err((1, error)))),
    };
    loop {
        let cell = match cells.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(error) => return drop(rows.send(Err((row.number, error)))),
        };
        let (at_row, at_column) = cell.get_position();
        let number = u64::from(at_row) + 1;
        if number != row.number {
            let whole = std::mem::replace(&mut row, Row { number, cells: Vec::new() });
            if !whole.cells.is_empty() && rows.send(Ok(whole)).is_err() {
                return;
            }
        }
        let value = value_of(cell.get_value());
        if !value.is_null() {
            let column = at_column as usize;
            row.cells.resize(row.cells.len().max(column + 1), Value::Null);
            row.cells[column] = value;
        }
    }
    if !row.cells.is_empty() {
        drop(rows.send(Ok(row)));
    }
}

/// The value of a cell: whole numbers without a fraction, dates and times as
/// ISO 8601, nothing for an error.
fn value_of(cell: &DataRef<'_>) -> Value {
    match cell {
        DataRef::Int(number) => Value::from(*number),
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Value::from(*number as i64)
        }
        DataRef::Float(number) => Value::from(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Value::from(text.as_str())
        }
        DataRef::SharedString(text) => Value::from(*text),
        DataRef::Bool(truth) => Value::from(*truth),
        DataRef::DateTime(time) => Value::String(iso(*time)),
        DataRef::Error(_) | DataRef::Empty => Value::Null,
    }
}

/// A serial number of days as a date, a date with a time, or a time of day; a
/// duration as hours, minutes and seconds.
fn iso(time: ExcelDateTime) -> String {
    let serial = time.as_f64();
    if time.is_duration() {
        let seconds = (serial * 86_400.0).round() as i64;
        return format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let mut text = String::new();
    // Writing to a string cannot fail.
    if serial >= 1.0 {
        let _ = write!(text, "{year:04}-{month:02}-{day:02}");
    }
    if serial < 1.0 {
        let _ = write!(text, "{hour:02}:{minute:02}:{second:02}");
    } else if (hour, minute, second) != (0, 0, 0) {
        let _ = write!(text, "T{hour:02}:{minute:02}:{second:02}");
    }
    text
}

/// A cell as text.
fn shown(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
