// Preloaded into other people's servers, which choose their own address and port (some a fixed one): whatever they
// ask for, they listen on loopback, on LISTEN_PORT or a free port, tell the test which one, and end with the test.
const net = require('node:net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  this.once('listening', () => process.send({ port: this.address().port }));
  const callback = args.find((argument) => typeof argument === 'function');
  return listen.call(this, { host: '127.0.0.1', port: Number(process.env.LISTEN_PORT ?? 0) }, callback);
};
process.on('disconnect', () => process.exit());
