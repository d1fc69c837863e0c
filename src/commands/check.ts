/** A place held for the command `check`. @module */

export function check(_options: { readonly json: boolean }): Promise<number> {
  throw new Error("check is not there");
}
