// Fastify and onnxruntime-node: split JSON to predictions, in two processes that share a port.
'use strict'
const cluster = require('node:cluster')

const WORKERS = 2
const DTYPES = { float64: Float64Array, float32: Float32Array, int64: BigInt64Array }

async function serve () {
  const ort = require('onnxruntime-node')
  const session = await ort.InferenceSession.create('model.onnx', { intraOpNumThreads: 1, interOpNumThreads: 1 })
  const types = Object.fromEntries(session.inputMetadata.map(({ name, type }) => [name, type]))
  const answer = session.outputNames[0]

  // A column of a table of N rows as a tensor [N, 1].
  function tensor (name, values) {
    const type = types[name]
    return new ort.Tensor(type, type in DTYPES ? DTYPES[type].from(values) : values, [values.length, 1])
  }

  const app = require('fastify')({ bodyLimit: 64 << 20 })
  app.post('/predict', async ({ body: { columns, data } }) => {
    const feed = Object.fromEntries(columns.map((name, k) => [name, tensor(name, data.map(row => row[k]))]))
    const found = await session.run(feed, [answer])
    return { predictions: Array.from(found[answer].data) }
  })
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
}

if (cluster.isPrimary) {
  for (let worker = 0; worker < WORKERS; worker++) cluster.fork()
} else {
  serve()
}
