; Messages, enums and services of Protocol Buffers.
(comment) @attached

(message (message_name) @name) @container.message
(enum (enum_name) @name) @container.enum
(service (service_name) @name) @container.service
(rpc (rpc_name) @name) @definition.rpc
(field (identifier) @name) @member.field
(map_field (identifier) @name) @member.field
(oneof_field (identifier) @name) @member.field
(enum_field (identifier) @name) @member.constant
