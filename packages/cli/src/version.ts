/** Version of the command; a test holds it equal to package.json. It stands alone so that `refold --version` loads nothing else. */
export const version = '0.1.0';
