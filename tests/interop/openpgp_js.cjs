// OpenPGP.js as a program: a JSON object per line on standard input is a command, a line on standard output its
// answer; bytes in base64. require() finds the library through NODE_PATH.
'use strict'
const readline = require('readline')
const openpgp = require('openpgp')

const key_kinds = {
  rsa: { type: 'rsa', rsaBits: 2048 },
  ecc: { type: 'ecc', curve: 'curve25519Legacy' }, // v4 keys every other program knows, too
}

const bytes = text => new Uint8Array(Buffer.from(text, 'base64'))
const base64 = data => Buffer.from(data).toString('base64')

const commands = {
  async ping() {
    return {}
  },

  async make_key({ kind, name, email }) {
    const { privateKey, publicKey } = await openpgp.generateKey({
      ...key_kinds[kind], userIDs: [{ name, email }], format: 'object' })
    return {
      secret: privateKey.armor(), public: publicKey.armor(),
      fpr: publicKey.getFingerprint().toUpperCase() }
  },

  async encrypt({ data, recipient, signer }) {
    return { data: await openpgp.encrypt({
      message: await openpgp.createMessage({ binary: bytes(data) }),
      encryptionKeys: await openpgp.readKey({ armoredKey: recipient }),
      signingKeys: signer ? await openpgp.readPrivateKey({ armoredKey: signer }) : undefined,
      format: 'armored' }) }
  },

  async decrypt({ data, secret, sender }) {
    const sender_key = await openpgp.readKey({ armoredKey: sender })
    const { data: text, signatures } = await openpgp.decrypt({
      message: await openpgp.readMessage({ armoredMessage: data }),
      decryptionKeys: await openpgp.readPrivateKey({ armoredKey: secret }),
      verificationKeys: sender_key,
      format: 'binary' })
    const signers = []
    for (const signature of signatures) {
      await signature.verified // rejects what is not good
      signers.push(sender_key.getFingerprint().toUpperCase())
    }
    return { data: base64(text), signers }
  },

  async sign({ data, secret }) {
    return { data: await openpgp.sign({
      message: await openpgp.createMessage({ binary: bytes(data) }),
      signingKeys: await openpgp.readPrivateKey({ armoredKey: secret }),
      detached: true, format: 'armored' }) }
  },

  async clear_sign({ data, secret }) {
    return { data: await openpgp.sign({
      message: await openpgp.createCleartextMessage({ text: Buffer.from(data, 'base64').toString() }),
      signingKeys: await openpgp.readPrivateKey({ armoredKey: secret }),
      format: 'armored' }) }
  },
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { command, ...parameters } = JSON.parse(line)
    let answer
    try {
      answer = { result: await commands[command](parameters) }
    } catch (error) {
      answer = { error: String(error && error.stack || error) }
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
  }
}

main()
