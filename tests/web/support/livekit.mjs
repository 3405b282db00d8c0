// A LiveKit server whose keys a test knows, to play parts that no visitor may play.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { createSocket } from "node:dgram";

const ROOT = new URL("../../../", import.meta.url).pathname;
const BINARY = process.env.LIVEKIT_SERVER_BIN ?? `${ROOT}target/livekit/livekit-server`;

export const KEY = "devkey";
export const SECRET = "a-secret-of-these-tests-alone-0123";

/** Milliseconds. */
const READY_WITHIN = 10_000;

/** A port that was free a moment ago may be taken: then others are tried. */
const TRIES = 3;

export async function startLiveKit() {
  for (let tried = 1; ; tried++) {
    try {
      return await start();
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}

async function start() {
  const [port, tcp, udp] = [await freeTcp(), await freeTcp(), await freeUdp()];
  const configuration = {
    port,
    bind_addresses: ["127.0.0.1"],
    keys: { [KEY]: SECRET },
    rtc: {
      tcp_port: tcp,
      udp_port: udp,
      use_external_ip: false,
      enable_loopback_candidate: true,
      node_ip: "127.0.0.1",
      ips: { includes: ["127.0.0.1/32"] },
    },
    logging: { level: "error" },
  };
  const child = spawn(BINARY, ["--config-body", JSON.stringify(configuration)], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => (said = (said + text).slice(-2000)));
  const url = `127.0.0.1:${port}`;
  await answering(`http://${url}/`, child, () => said);
  return {
    environment: { LIVEKIT_URL: `ws://${url}`, LIVEKIT_API_KEY: KEY, LIVEKIT_API_SECRET: SECRET },
    url: `ws://${url}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Signs a token for an agent. */
export function agentToken(room, identity) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: KEY,
    sub: identity,
    nbf: now - 5,
    exp: now + 600,
    kind: "agent",
    video: { roomJoin: true, room, agent: true, canPublish: true, canSubscribe: true, canPublishData: true },
  };
  const coded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${coded({ alg: "HS256", typ: "JWT" })}.${coded(claims)}`;
  return `${body}.${createHmac("sha256", SECRET).update(body).digest("base64url")}`;
}

async function answering(url, child, said) {
  const end = Date.now() + READY_WITHIN;
  while (Date.now() < end && child.exitCode === null) {
    if (await fetch(url).then((answer) => answer.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`the LiveKit server did not become ready: ${said()}`);
}

export async function freeTcp() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function freeUdp() {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}
