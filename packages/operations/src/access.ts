/** Who may do what: scopes, and the roles that hold them. Source: TRUST.md section 10.2. */
/** Everything that may be granted. `actor:override`: to write events in the name of another. */
export const grantedScopes = ['read', 'append', 'replay:dry', 'replay:execute', 'rules', 'debug', 'audit', 'hold', 'erase', 'retention', 'keys', 'users', 'config', 'actor:override'] as const;
export type GrantedScope = (typeof grantedScopes)[number];

/** What a caller may do. No scopes at all: nobody has signed in. */
export interface Access {
  readonly scopes: ReadonlySet<GrantedScope>;
  /** How the addresses of his streams begin, for example `session/7f3a`; absent: any stream. */
  readonly streamPrefix?: string;
}

/** An agent is held to its own streams on top of this. */
export const roles = {
  agent: ['append', 'read'],
  operator: ['append', 'read', 'replay:dry', 'replay:execute', 'rules', 'debug'],
  viewer: ['read'],
  auditor: ['read', 'replay:dry', 'audit', 'hold'],
  admin: grantedScopes,
} as const satisfies { readonly [role: string]: readonly GrantedScope[] };

export type Role = keyof typeof roles;
export const roleNames = Object.keys(roles) as readonly Role[];

/** Who has not signed in: only what needs no sign-in is open to him. */
export const nobody: Access = { scopes: new Set() };
