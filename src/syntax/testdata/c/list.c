/* A list. */
#include <stdlib.h>

#define LIST_MAX 100
#define LIST_EACH(l, n) for (node *n = (l)->head; n; n = n->next)

typedef struct node {
  struct node *next;
  int value;
} node;

typedef int (*compare_fn)(const node *, const node *);

enum order { ASCENDING, DESCENDING = 2 };

struct list { node *head; size_t length; };

static const int primes[] = {2, 3, 5};

int list_length(const struct list *l);

/* Puts a value in front of the list and
 * returns the node that holds it, or NULL. */
node *list_push(struct list *l, int value) {
  node *n = malloc(sizeof *n);
  if (n == NULL) return NULL;
  n->value = value;
  n->next = l->head;
  l->head = n;
  return n;
}

int list_length(const struct list *l) {
  int length = 0;
  LIST_EACH(l, n) ++length;
  return length;
}
