/** Bounds of the hooks, the unit in the name. */
export const defaultHookLimits = {
  /** Events or lines that a hook keeps, the newest; what went is counted. */
  itemsMax: 500,
  /** Between two renderings of one subscription: a busy log must not render a page a thousand times a second. */
  renderMsMin: 16,
} as const;
