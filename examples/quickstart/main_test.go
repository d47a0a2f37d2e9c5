package main

func Example() {
	main()
	// Output:
	// INSERT INTO users (name, age) VALUES (?, ?)
	//     INSERT INTO posts (title, author_id) VALUES (?, ?)
	//     SELECT users.id, users.name, users.age FROM users ORDER BY users.name
	//     SELECT posts.id, posts.title, posts.author_id FROM posts WHERE posts.author_id IN (?, ?)
	// ed has 2 posts
	// wendy has 0 posts
	//     SELECT posts.id, posts.title, posts.author_id FROM posts JOIN users ON users.id = posts.author_id WHERE users.name = ? AND posts.title = ?
	// 1 draft, by ed
	//     UPDATE users SET name = ? WHERE id = ?
	//     UPDATE posts SET author_id = ? WHERE id = ?
	// now 1 and 1
	//     SELECT posts.id, posts.title, posts.author_id FROM posts WHERE posts.author_id IN (?)
	//     DELETE FROM posts WHERE id = ?
	//     DELETE FROM users WHERE id = ?
}
