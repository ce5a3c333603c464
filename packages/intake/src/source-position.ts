/** Where a record stands, for reports and for `metadata.source`. */
export interface SourcePosition {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 0-based offset of the record's first byte in the file. */
  readonly byte: number;
}
