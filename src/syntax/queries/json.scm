; The keys of the outermost two objects of JSON.
(document (object (pair key: (string (string_content) @name)) @container.key))
(document (object (pair value: (object
  (pair key: (string (string_content) @name)) @container.key))))
