package main

func Example() {
	main()
	// Output:
	// INSERT INTO users (name, age) VALUES (?, ?)
	//     INSERT INTO posts (author_id, title) VALUES (?, ?)
	//     SELECT posts.id, posts.author_id, posts.title FROM posts JOIN users ON users.id = posts.author_id WHERE users.name = ? AND posts.title = ?
	// 1 draft, by 1
	//     UPDATE users SET name = ? WHERE id = ?
	//     DELETE FROM posts WHERE id = ?
}
