mod debian;
