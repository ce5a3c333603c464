/** What page and test share in the browser's global scope. */
export interface Shown {
  readonly hook: string;
  readonly args: readonly unknown[];
}

export interface Rendering extends Shown {
  // oxlint-disable-next-line no-explicit-any -- tests look into results of every shape.
  readonly result: any;
}

export interface Browser {
  readonly document: { getElementById(id: string): never };
  readonly settings: { readonly server: string; readonly token: string | null };
  show(shown: readonly Shown[]): void;
  plug(isPlugged: boolean): void;
  pluggedEnded?: boolean;
  renderings: Rendering[];
  /** The newest result of each hook, with its functions. */
  // oxlint-disable-next-line no-explicit-any -- as above.
  results: { [hook: string]: any };
}
