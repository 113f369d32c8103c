// A real OpenID Connect provider on a loopback port. The first argument is JSON:
// {port, clients: [...], accounts: {id: {email, email_verified, name, groups}}}.
// Lines on standard input change it while it runs: {accounts} or {backchannel}, the origin that logout tokens go to.
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const setup = JSON.parse(process.argv[2]);
let accounts = setup.accounts ?? {};
let backchannel = null;

const provider = new Provider(`http://127.0.0.1:${setup.port}`, {
  clients: setup.clients,
  cookies: { keys: ["a key for tests"] },
  pkce: { required: () => true },
  scopes: ["openid", "profile", "email", "groups"],
  claims: { openid: ["sub", "sid"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
  // The studio's public address is not where it listens in a test; a busy machine takes longer than the default; and the
  // provider's own dispatcher talks to no loopback address, where both of them are here.
  fetch: (url, options) => {
    const target = new URL(url);
    if (backchannel) target.host = new URL(backchannel).host;
    return fetch(target, { ...options, dispatcher: undefined, signal: AbortSignal.timeout(60_000) });
  },
});
provider.on("backchannel.error", (_, error) => console.error("backchannel", error.message));
provider.on("server_error", (_, error) => console.error(error));

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const change = JSON.parse(line);
    accounts = change.accounts ?? accounts;
    backchannel = change.backchannel ?? backchannel;
    console.log("changed");
  })
  .on("close", () => process.exit(0));
provider.listen(setup.port, "127.0.0.1", () => console.log("ready"));
