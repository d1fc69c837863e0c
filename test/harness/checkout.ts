/** Where the project's files are. @module */

/** The root of the checkout, without a slash at its end. */
export const checkout: string = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
