/**
 * A server.
 */
'use strict'

const http = require('http')
const METHODS = ['GET', 'HEAD']

/**
 * Makes a server.
 */

exports.create = function create(options) {
  const server = new Server(options)
  return server.listen()
}

var app = exports = module.exports = {}

app.use = function use(path, handler) {
  this.stack.push({ path, handler })
}

Server.prototype.listen = function () { return http.listen(this.port) }

class Server {
  #port = 80
  handlers = []
  static of(port) { return new Server(port) }
  onError = (error) => { this.log(error) }
  // Answers a request, which takes a few lines.
  async handle(request, response) {
    for (const handler of this.handlers) {
      if (handler.matches(request)) return handler.run(request, response)
    }
    response.end()
  }
}

const routes = {
  index(request) { return 'index' },
  about: (request) => 'about',
}

const respond = (status) => `HTTP/1.1 ${status}`

defineGetter(request, 'secure', function secure() { return this.protocol === 'https' })
