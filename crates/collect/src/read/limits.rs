//! The sizes beyond which a file or a record is refused, all in one place.

/// Bytes looked at to tell encoding, delimiter and header.
pub(crate) const SAMPLE: usize = 1 << 20;
/// Bytes looked at of a table that follows others in the same text.
pub(crate) const TABLE_SAMPLE: usize = 64 << 10;
/// Bytes looked through for the first one beyond ASCII.
pub(crate) const ASCII: u64 = 64 << 20;
/// Bytes read from the source at once.
pub(crate) const CHUNK: usize = 1 << 20;
/// Longest record of delimited text, in bytes.
pub(crate) const TEXT_RECORD: usize = 1 << 20;
/// Longest field of delimited text, in bytes.
pub(crate) const TEXT_FIELD: usize = 256 << 10;
/// Longest JSON record, or SQL row, in bytes.
pub(crate) const RECORD: usize = 16 << 20;
/// Longest element of the outermost array when records are nested in it, in bytes.
pub(crate) const ELEMENT: usize = 64 << 20;
/// Longest JSON key or SQL name, in bytes.
pub(crate) const NAME: usize = 64 << 10;
/// A batch ends early when its text reaches this size, whatever number of rows was asked for.
pub(crate) const BATCH: usize = 32 << 20;
/// Fields of one record.
pub(crate) const FIELDS: usize = 10_000;
/// Cells of one sheet.
pub(crate) const CELLS: usize = 5_000_000;
/// Text of one sheet, in bytes.
pub(crate) const SHEET_TEXT: usize = 512 << 20;
/// Entries of an archive.
pub(crate) const ENTRIES: u64 = 10_000;
/// Bytes that the parts of a workbook may expand to.
pub(crate) const EXPANDED: u64 = 1 << 30;
/// Bytes that a file inside an archive may have when its format needs it whole (workbook, Parquet).
pub(crate) const MEMBER_IN_MEMORY: u64 = 256 << 20;
/// Expanded to packed size; only asked above [`RATIO_FROM`].
pub(crate) const RATIO: u64 = 200;
/// Below this expanded size the ratio says nothing.
pub(crate) const RATIO_FROM: u64 = 4 << 20;
/// An old workbook is held in memory as a whole.
pub(crate) const XLS_FILE: u64 = 256 << 20;
/// Bytes that a compressed tar may expand to.
pub(crate) const TAR_EXPANDED: u64 = 8 << 30;
/// Tables that are listed of one file.
pub(crate) const TABLES: usize = 10_000;
/// Levels of an XML document.
pub(crate) const XML_DEPTH: usize = 128;
/// Different paths of elements (or arrays) in one document.
pub(crate) const PATHS: usize = 10_000;
