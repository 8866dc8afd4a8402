/** What a request brings to say who is calling, before anybody looked it up. */
export type Credentials =
  | { readonly type: "token"; readonly secret: string }
  | { readonly type: "key"; readonly email: string; readonly key: string };
